import { z } from 'zod'
import { ActivityCategory, ActivityLevel } from '../models/activity-log.ts'
import { Id, JsonObject, PathId, Timestamp, UuidResponse, choiceResponse, listResponse, text } from './common.ts'
import { listQuery } from './list-query.ts'

/** What a list of entries can be filtered and sorted by: what an index or a word of few values finds, not free text. */
const ActivityLogFields = z.object({
  id: Id,
  created_at: Timestamp,
  user_id: Id.nullable(),
  action: z.string(),
  category: choiceResponse(Object.values(ActivityCategory)),
  level: choiceResponse(Object.values(ActivityLevel)),
  entity_type: z
    .string()
    .nullable()
    .meta({ description: 'A table', examples: ['products'] }),
  entity_id: Id.nullable(),
  ip_address: z.string().nullable(),
  session_id: UuidResponse.nullable(),
  request_id: z.string().nullable(),
  success: z.boolean(),
  risk_score: z.int().meta({ description: '0 to 100' }),
  is_suspicious: z.boolean(),
})

export const ActivityLogResponse = ActivityLogFields.extend({
  company_id: Id.nullable().meta({ description: 'Null for what belongs to no company; superusers see it' }),
  entity_name: z.string().nullable().meta({ description: 'What the record was called then' }),
  description: z.string().nullable(),
  old_values: JsonObject.nullable(),
  new_values: JsonObject.nullable(),
  metadata: JsonObject,
  user_agent: z.string().nullable(),
  error_message: z.string().nullable(),
  risk_reasons: z.array(z.string()),
}).meta({ id: 'ActivityLog' })

export const ActivityLogListResponse = listResponse(ActivityLogResponse).meta({ id: 'ActivityLogList' })

/** `suspicious`, `from` (inclusive) and `to` (exclusive) are short for filters. */
export const ActivityLogQuery = listQuery(ActivityLogFields, {
  aliases: { suspicious: 'is_suspicious', from: 'created_at__gte', to: 'created_at__lt' },
  choices: { category: Object.values(ActivityCategory), level: Object.values(ActivityLevel) },
})

export const EntityParams = z.strictObject({
  type: text(1, 100),
  id: PathId,
})

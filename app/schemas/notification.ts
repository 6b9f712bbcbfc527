import { z } from 'zod'
import { isSafeLink } from '../core/links.ts'
import { MessageLevel } from '../models/message.ts'
import { Id, JsonObject, Timestamp, choiceResponse, jsonInput, listResponse, text } from './common.ts'
import { listQuery } from './list-query.ts'

const LEVELS = Object.values(MessageLevel)

export const NotificationResponse = z
  .object({
    id: Id,
    company_id: Id,
    title: z.string(),
    description: z.string().nullable(),
    level: choiceResponse(LEVELS),
    link: z.string().nullable(),
    data: JsonObject,
    model_name: z.string().nullable(),
    record_id: Id.nullable(),
    is_read: z.boolean(),
    read_at: Timestamp.nullable(),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({ id: 'Notification' })
export const NotificationListResponse = listResponse(NotificationResponse).meta({ id: 'NotificationList' })
export const NotificationQuery = listQuery(NotificationResponse, { choices: { level: Object.values(MessageLevel) } })

export const NotificationUpdate = z
  .strictObject({ is_read: z.boolean() })
  .meta({ id: 'NotificationUpdate', examples: [{ is_read: true }] })

/** Of these ids, or explicitly of all: an empty list is a mistake, not everything. */
export const NotificationBulkRead = z
  .strictObject({ ids: z.array(Id).min(1).max(1000).optional(), all: z.literal(true).optional() })
  .refine(({ ids, all }) => (ids === undefined) !== (all === undefined), {
    error: 'give either ids or all: true',
    path: ['ids'],
  })
  .meta({ id: 'NotificationBulkRead', examples: [{ all: true }] })

export const NotificationStatsResponse = z
  .object({
    unread_count: z.int().meta({ description: 'Counted up to 1000, which means 1000 or more' }),
  })
  .meta({ id: 'NotificationStats' })

/** Where a click leads. */
const Link = z
  .string()
  .max(2000)
  .refine(isSafeLink, 'expected an http(s) address, or a path that starts with one /')
  .meta({ examples: ['/products/17'] })

/** Kept once for each who is told. */
const Data = jsonInput(4000)

export const NotificationCreate = z
  .strictObject({
    user_ids: z.array(Id).min(1).max(500),
    title: text(1, 255),
    description: text(0, 5000).nullable().optional(),
    level: z.enum(LEVELS).optional(),
    link: Link.nullable().optional(),
    data: Data.optional(),
    company_id: Id.optional(),
  })
  .meta({ id: 'NotificationCreate', examples: [{ user_ids: [17], title: 'The stocktaking starts at 17:00' }] })

export const SentResponse = z.object({ sent_count: z.int() }).meta({ id: 'NotificationsSent' })

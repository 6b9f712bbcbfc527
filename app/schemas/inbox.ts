import { z } from 'zod'
import { InboxItemType, Priority } from '../models/inbox.ts'
import { Id, Timestamp, choiceResponse, listResponse } from './common.ts'
import { listQuery } from './list-query.ts'

const TYPES = Object.values(InboxItemType)
const PRIORITIES = Object.values(Priority)
const Urgency = z.enum(PRIORITIES)

export const InboxItemResponse = z
  .object({
    id: Id,
    company_id: Id,
    item_type: choiceResponse(TYPES),
    priority: choiceResponse(PRIORITIES),
    title: z.string(),
    preview: z.string().nullable(),
    sender_id: Id.nullable(),
    message_id: Id.nullable(),
    notification_id: Id.nullable(),
    model_name: z.string().nullable(),
    record_id: Id.nullable(),
    is_internal: z.boolean(),
    is_read: z.boolean(),
    read_at: Timestamp.nullable(),
    is_archived: z.boolean(),
    is_starred: z.boolean(),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({ id: 'InboxItem' })
export const InboxListResponse = listResponse(InboxItemResponse).meta({ id: 'InboxItemList' })
export const InboxQuery = listQuery(InboxItemResponse, {
  choices: { item_type: TYPES, priority: PRIORITIES },
})

export const InboxItemUpdate = z
  .strictObject({ is_read: z.boolean(), is_archived: z.boolean(), is_starred: z.boolean(), priority: Urgency })
  .partial()
  .meta({ id: 'InboxItemUpdate', examples: [{ is_read: true }] })

export const INBOX_ACTIONS = ['read', 'unread', 'archive', 'unarchive', 'star', 'unstar', 'delete'] as const

const InboxFilter = z
  .strictObject({
    item_type: z.enum(TYPES),
    priority: Urgency,
    is_read: z.boolean(),
    is_archived: z.boolean(),
    is_starred: z.boolean(),
    model_name: z.string().max(100),
    record_id: Id,
  })
  .partial()
  .refine((filter) => Object.keys(filter).length > 0, 'name at least one field: nothing is meant by leaving all out')
  .meta({ id: 'InboxFilter', description: 'As in the list, archived items are left out unless `is_archived` is named' })

/** What to do, with which items: those of these ids, or all that a filter finds. */
export const InboxBulk = z
  .strictObject({
    action: z.enum(INBOX_ACTIONS),
    ids: z.array(Id).min(1).max(1000).optional(),
    filter: InboxFilter.optional(),
  })
  .refine(({ ids, filter }) => (ids === undefined) !== (filter === undefined), {
    error: 'give either ids or filter',
    path: ['ids'],
  })
  .meta({ id: 'InboxBulk', examples: [{ action: 'archive', filter: { is_read: true } }] })

export const UpdatedCountResponse = z.object({ updated_count: z.int() }).meta({ id: 'UpdatedCount' })

export const InboxStatsResponse = z
  .object({
    total_count: z.int(),
    unread_count: z.int(),
    read_count: z.int(),
    starred_count: z.int(),
    archived_count: z.int(),
    unread_by_type: z.object({
      message: z.int(),
      mention: z.int(),
      notification: z.int(),
      activity: z.int(),
    }),
  })
  .meta({ id: 'InboxStats', description: 'Of items that are not archived, but for `archived_count`' })

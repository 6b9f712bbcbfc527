import { boolean, foreignKey, index, integer, text, uniqueIndex, varchar } from 'drizzle-orm/pg-core'
import { companyScopedMixin, companyTable, ofUserMixin } from './base.ts'
import { messages } from './message.ts'
import { bigintNumber, idMixin, timestampMixin, timestamptz } from './mixins.ts'
import { notifications } from './notification.ts'
import { users } from './user.ts'

export const InboxItemType = {
  MESSAGE: 'message',
  MENTION: 'mention',
  NOTIFICATION: 'notification',
  ACTIVITY: 'activity',
} as const
export type InboxItemType = (typeof InboxItemType)[keyof typeof InboxItemType]

export const Priority = { LOW: 'low', NORMAL: 'normal', HIGH: 'high', URGENT: 'urgent' } as const
export type Priority = (typeof Priority)[keyof typeof Priority]

/** What waits for one user in one company. It goes with the message or notification that it is about. */
export const inboxItems = companyTable(
  'inbox_items',
  {
    ...idMixin(),
    ...timestampMixin(),
    ...companyScopedMixin(),
    ...ofUserMixin(),
    item_type: varchar({ length: 20 }).$type<InboxItemType>().notNull(),
    priority: varchar({ length: 10 }).$type<Priority>().notNull().default(Priority.NORMAL),
    title: varchar({ length: 255 }).notNull(),
    preview: text(),
    /** Whose doing it is. */
    sender_id: bigintNumber().references(() => users.id, { onDelete: 'set null' }),
    message_id: bigintNumber(),
    notification_id: bigintNumber(),
    /** The record that it is about, by table and id: who may no longer see the record does not see the item. */
    model_name: varchar({ length: 100 }),
    record_id: bigintNumber(),
    /** It comes from an internal message: who may no longer read those does not see it. */
    is_internal: boolean().notNull().default(false),
    is_read: boolean().notNull().default(false),
    read_at: timestamptz(),
    is_archived: boolean().notNull().default(false),
    is_starred: boolean().notNull().default(false),
  },
  (t) => [
    foreignKey({
      name: 'inbox_items_company_id_message_id_fkey',
      columns: [t.company_id, t.message_id],
      foreignColumns: [messages.company_id, messages.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'inbox_items_company_id_notification_id_fkey',
      columns: [t.company_id, t.notification_id],
      foreignColumns: [notifications.company_id, notifications.id],
    }).onDelete('cascade'),
    index('inbox_items_company_id_user_id_id_idx').on(t.company_id, t.user_id, t.id),
    index('inbox_items_company_id_message_id_idx').on(t.company_id, t.message_id),
    index('inbox_items_company_id_notification_id_idx').on(t.company_id, t.notification_id),
    index('inbox_items_user_id_idx').on(t.user_id),
    index('inbox_items_sender_id_idx').on(t.sender_id),
  ],
)

/**
 * How many items of each kind a user has not read, kept by a trigger (migration 0007): nobody counts at every look.
 * Archived items are not counted. `model_name` is empty for what is about no record.
 */
export const inboxCounters = companyTable(
  'inbox_counters',
  {
    ...idMixin(),
    ...companyScopedMixin(),
    ...ofUserMixin(),
    item_type: varchar({ length: 20 }).$type<InboxItemType>().notNull(),
    model_name: varchar({ length: 100 }).notNull(),
    is_internal: boolean().notNull(),
    unread: integer().notNull().default(0),
  },
  (t) => [
    uniqueIndex('inbox_counters_owner_and_kind_key').on(
      t.company_id,
      t.user_id,
      t.item_type,
      t.model_name,
      t.is_internal,
    ),
    index('inbox_counters_user_id_idx').on(t.user_id),
  ],
)

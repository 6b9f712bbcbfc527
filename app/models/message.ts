import { sql } from 'drizzle-orm'
import { boolean, foreignKey, index, jsonb, text, uniqueIndex, varchar } from 'drizzle-orm/pg-core'
import { companyScopedMixin, companyTable } from './base.ts'
import { bigintNumber, idMixin, metadataMixin, timestampMixin, timestamptz, uidMixin } from './mixins.ts'
import { users } from './user.ts'

export const MessageType = {
  COMMENT: 'comment',
  NOTE: 'note',
  SYSTEM: 'system',
  NOTIFICATION: 'notification',
  EMAIL: 'email',
  LOG: 'log',
  APPROVAL: 'approval',
  REJECTION: 'rejection',
  ASSIGNMENT: 'assignment',
} as const
export type MessageType = (typeof MessageType)[keyof typeof MessageType]

export const MessageLevel = {
  INFO: 'info',
  SUCCESS: 'success',
  WARNING: 'warning',
  ERROR: 'error',
  DEBUG: 'debug',
} as const
export type MessageLevel = (typeof MessageLevel)[keyof typeof MessageLevel]

/** A file that goes with a message; the file itself is kept elsewhere. */
export interface Attachment {
  name: string
  url: string
  content_type?: string
  /** bytes */
  size?: number
}

/** What was said about a record: one entry of its thread. */
export const messages = companyTable(
  'messages',
  {
    ...idMixin(),
    ...uidMixin(),
    ...timestampMixin(),
    ...companyScopedMixin(),
    /** The record's table and id. */
    model_name: varchar({ length: 100 }).notNull(),
    record_id: bigintNumber().notNull(),
    user_id: bigintNumber().references(() => users.id, { onDelete: 'set null' }),
    parent_id: bigintNumber(),
    subject: varchar({ length: 255 }),
    body: text().notNull(),
    body_html: text(),
    message_type: varchar({ length: 20 }).$type<MessageType>().notNull().default(MessageType.COMMENT),
    level: varchar({ length: 10 }).$type<MessageLevel>().notNull().default(MessageLevel.INFO),
    is_internal: boolean().notNull().default(false),
    is_pinned: boolean().notNull().default(false),
    edited_at: timestamptz(),
    attachments: jsonb().$type<Attachment[]>().notNull().default([]),
    ...metadataMixin(),
  },
  (t) => [
    foreignKey({
      name: 'messages_company_id_parent_id_fkey',
      columns: [t.company_id, t.parent_id],
      foreignColumns: [t.company_id, t.id],
    }).onDelete('cascade'),
    uniqueIndex('messages_uid_key').on(t.uid),
    index('messages_company_id_model_name_record_id_id_idx').on(t.company_id, t.model_name, t.record_id, t.id),
    index('messages_company_id_parent_id_idx')
      .on(t.company_id, t.parent_id)
      .where(sql`parent_id is not null`),
    index('messages_user_id_idx').on(t.user_id),
  ],
)

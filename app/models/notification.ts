import { sql } from 'drizzle-orm'
import { boolean, index, jsonb, text, uniqueIndex, varchar } from 'drizzle-orm/pg-core'
import { companyScopedMixin, companyTable, ofUserMixin } from './base.ts'
import { bigintNumber, idMixin, timestampMixin, timestamptz, uidMixin } from './mixins.ts'
import type { MessageLevel } from './message.ts'

/** What one user is told in one company. */
export const notifications = companyTable(
  'notifications',
  {
    ...idMixin(),
    ...uidMixin(),
    ...timestampMixin(),
    ...companyScopedMixin(),
    ...ofUserMixin(),
    title: varchar({ length: 255 }).notNull(),
    description: text(),
    level: varchar({ length: 10 }).$type<MessageLevel>().notNull().default('info'),
    link: varchar({ length: 2000 }),
    data: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    is_read: boolean().notNull().default(false),
    read_at: timestamptz(),
    /** The record that it is about, by table and id: who may no longer read the record does not see it. */
    model_name: varchar({ length: 100 }),
    record_id: bigintNumber(),
    /** It comes from an internal message: who may no longer read those does not see it. */
    is_internal: boolean().notNull().default(false),
  },
  (t) => [
    uniqueIndex('notifications_uid_key').on(t.uid),
    index('notifications_company_id_user_id_id_idx').on(t.company_id, t.user_id, t.id),
    index('notifications_user_id_idx').on(t.user_id),
    index('notifications_unread_idx')
      .on(t.company_id, t.user_id)
      .where(sql`not is_read`),
  ],
)

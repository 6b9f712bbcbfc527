import { sql } from 'drizzle-orm'
import { boolean, index, jsonb, varchar } from 'drizzle-orm/pg-core'
import { companyScopedMixin } from './base.ts'
import { bigintNumber, timestamptz } from './mixins.ts'
import { currentCompany, sharedTable } from './table.ts'
import { users } from './user.ts'

const own = sql`company_id = ${currentCompany}`

/**
 * What live clients are told: kept for as long as one may have been away. A trigger (migration 0007) gives each its final
 * id as the last thing before the commit, one transaction after the other, so that ids are in the order in which events
 * become visible: who has seen one id has seen all before it.
 */
export const events = sharedTable(
  'events',
  {
    id: bigintNumber()
      .primaryKey()
      .default(sql`-new_id()`),
    created_at: timestamptz()
      .notNull()
      .default(sql`now()`),
    ...companyScopedMixin(),
    /** `message:new` */
    type: varchar({ length: 40 }).notNull(),
    data: jsonb().$type<Record<string, unknown>>().notNull(),
    /** Whom it is for; empty for everybody who may read the record. */
    user_id: bigintNumber().references(() => users.id, { onDelete: 'cascade' }),
    /** The record that it is about: who may not read that gets no event of it, whoever it is for. */
    model_name: varchar({ length: 100 }),
    record_id: bigintNumber(),
    /** Only for who may read internal messages. */
    is_internal: boolean().notNull().default(false),
  },
  { read: own, add: own },
  (t) => [
    index('events_company_id_id_idx').on(t.company_id, t.id),
    index('events_created_at_idx').on(t.created_at),
    index('events_user_id_idx').on(t.user_id),
  ],
)

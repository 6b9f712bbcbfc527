import { sql } from 'drizzle-orm'
import { index, primaryKey, uuid } from 'drizzle-orm/pg-core'
import { companyScopedMixin, ofUserMixin } from './base.ts'
import { timestamptz } from './mixins.ts'
import { currentCompany, sharedTable, systemTable } from './table.ts'

/** Processes that have people connected. One that says nothing for a while is gone, and its people with it. */
export const liveProcesses = systemTable('live_processes', {
  id: uuid().primaryKey(),
  seen_at: timestamptz()
    .notNull()
    .default(sql`now()`),
})

/** Who is online, and by which process: once, however many connections they have there. */
export const presences = sharedTable(
  'presences',
  {
    process_id: uuid()
      .notNull()
      .references(() => liveProcesses.id, { onDelete: 'cascade' }),
    ...companyScopedMixin(),
    ...ofUserMixin(),
  },
  { read: sql`company_id = ${currentCompany}` },
  (t) => [
    primaryKey({ name: 'presences_pkey', columns: [t.company_id, t.user_id, t.process_id] }),
    index('presences_process_id_idx').on(t.process_id),
    index('presences_user_id_idx').on(t.user_id),
  ],
)

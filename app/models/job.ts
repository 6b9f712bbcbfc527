import { sql } from 'drizzle-orm'
import { index, integer, jsonb, text, uniqueIndex, uuid, varchar } from 'drizzle-orm/pg-core'
import { companies } from './company.ts'
import { bigintNumber, idMixin, timestamptz } from './mixins.ts'
import { systemTable } from './table.ts'

/**
 * Work for later, put here by the transaction that causes it. What is done is deleted, what has failed for good stays. For
 * trusted work alone: a request neither reads nor writes it.
 */
export const jobs = systemTable(
  'jobs',
  {
    ...idMixin(),
    created_at: timestamptz()
      .notNull()
      .default(sql`now()`),
    /** What to do: one of services/jobs/registry.ts. */
    name: varchar({ length: 60 }).notNull(),
    /** Of which there is one at a time, where there is: what has failed is out of the way. */
    key: varchar({ length: 200 }),
    /** Whose work it is, so that it goes with the company. */
    company_id: bigintNumber().references(() => companies.id, { onDelete: 'cascade' }),
    data: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    run_at: timestamptz()
      .notNull()
      .default(sql`now()`),
    attempts: integer().notNull().default(0),
    /** Who is doing it, and until when that is believed without a word of them. */
    locked_by: uuid(),
    locked_until: timestamptz(),
    failed_at: timestamptz(),
    error: text(),
  },
  (t) => [
    uniqueIndex('jobs_key_key')
      .on(t.key)
      .where(sql`key is not null and failed_at is null`),
    index('jobs_due_idx')
      .on(t.run_at, t.id)
      .where(sql`failed_at is null`),
    index('jobs_company_id_idx').on(t.company_id),
  ],
)

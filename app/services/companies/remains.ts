import { eq, getTableName, is, sql } from 'drizzle-orm'
import { PgTable, getTableConfig } from 'drizzle-orm/pg-core'
import { AppError } from '../../core/errors.ts'
import type { Db } from '../../db/session.ts'
import * as models from '../../models/index.ts'

/** What runs a company rather than being its business: it goes with the company. */
const ADMINISTRATION: ReadonlySet<string> = new Set([
  'activity_logs',
  'api_keys',
  'events',
  'groups',
  'idempotency_keys',
  'inbox_counters',
  'inbox_items',
  'jobs',
  'message_followers',
  'message_mentions',
  'message_reactions',
  'message_reads',
  'messages',
  'notifications',
  'presences',
  'roles',
  'sessions',
  'user_company_roles',
])

/** The tables of business records: of every model, those with a `company_id`. A new feature is counted without a word. */
const BUSINESS = Object.values(models)
  .filter((model) => is(model, PgTable))
  .filter((table) => getTableConfig(table).columns.some(({ name }) => name === 'company_id'))
  .filter((table) => !ADMINISTRATION.has(getTableName(table)))

/**
 * Whether a company can go: it has no members but the caller, and no business records, deleted ones included: those could be
 * restored.
 * @throws AppError `still_referenced`
 */
export async function demandEmpty(db: Db, company_id: number, caller_id: number): Promise<void> {
  const members = sql<boolean>`exists (select from user_company_roles m join users u on u.id = m.user_id and not u.is_deleted
    where m.company_id = ${company_id} and m.user_id <> ${caller_id})`
  const has = BUSINESS.map((table) => sql`exists (select from ${table} where company_id = ${company_id})`)
  const records = sql<boolean>`${sql.join(has, sql` or `)}`
  const [left] = await db.select({ members, records }).from(models.companies).where(eq(models.companies.id, company_id))
  if (left?.members) throw new AppError('still_referenced', 'The company still has other members')
  if (left?.records) throw new AppError('still_referenced', 'The company still has business records')
}

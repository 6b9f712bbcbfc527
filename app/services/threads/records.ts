import { type SQL, and, eq, getColumns, not, or, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { AppError } from '../../core/errors.ts'
import { allows } from '../../core/permissions.ts'
import { recordName } from '../../db/errors.ts'
import type { Context } from '../context.ts'
import { THREADED, readable } from './threaded.ts'

/** A record, as threads name it. */
export interface RecordName {
  model_name: string
  record_id: number
}

/** What reading an internal message takes. */
export const INTERNAL = 'message.internal'

/**
 * Makes sure that the caller may read a record now. An unknown model, a record that is not there, deleted, another company's
 * or not to be read: one answer.
 * @throws AppError `not_found`
 */
export async function demandRecord(ctx: Context, { model_name, record_id }: RecordName): Promise<void> {
  const model = THREADED.get(model_name)
  if (model && allows(ctx.permissions, model.permission)) {
    const [found] = await ctx.db
      .select({ found: sql<boolean>`true` })
      .from(model.table)
      .where(and(inCompany(ctx, model.table), live(model.table), eq(columnsOf(model.table)['id']!, record_id)))
    if (found) return
  }
  throw new AppError('not_found', model ? `${recordName(model_name)} not found` : 'Record not found')
}

/**
 * The condition that the caller may read the record which these columns name: the model's by permission, the record because
 * it is there. Company-scoped by the table's own conditions, not by this one.
 */
export function mayReadRecord(ctx: Context, model_name: PgColumn, record_id: PgColumn): SQL {
  const cases = readable(ctx.permissions).map((name) => {
    const { table } = THREADED.get(name)!
    const there = and(inCompany(ctx, table), live(table), sql`${columnsOf(table)['id']} = ${record_id}`)
    return sql`(${model_name} = ${name} and exists (select from ${table} where ${there}))`
  })
  return or(...cases) ?? sql`false`
}

/** The first wall of records, as `BaseCRUDService` has it. */
const inCompany = (ctx: Context, table: PgTable): SQL | undefined =>
  ctx.everywhere ? undefined : eq(columnsOf(table)['company_id']!, ctx.company_id ?? 0)

function live(table: PgTable): SQL | undefined {
  const deleted = columnsOf(table)['is_deleted']
  return deleted && not(deleted)
}

const columnsOf = (table: PgTable) => getColumns(table) as Record<string, PgColumn>

import { type SQL, and, getColumns, not, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { AppError } from '../../core/errors.ts'
import { allows } from '../../core/permissions.ts'
import { recordName } from '../../db/errors.ts'
import type { Context } from '../context.ts'
import { THREADED } from './threaded.ts'
import { type ThreadWall, runThreadStatement } from './wall.ts'

/** A record, as threads name it. */
export interface RecordName {
  model_name: string
  record_id: number
}

/** What reading an internal message takes. */
export const INTERNAL = 'message.internal'

/** Whether the caller may read internal messages. */
export const readsInternal = (ctx: Context): boolean => allows(ctx.permissions, INTERNAL)

/**
 * Makes sure that the caller may read a record now. An unknown model, a record that is not there, deleted, another company's
 * or not to be read: one answer.
 * @throws AppError `not_found`
 */
export async function demandRecord(ctx: Context, { model_name, record_id }: RecordName): Promise<void> {
  const model = THREADED.get(model_name)
  if (model && allows(ctx.permissions, model.permission)) {
    const { table } = model
    const { rows } = await runThreadStatement(
      ctx,
      `record of ${model_name}`,
      (wall) => sql`select from ${table} where ${isThere(wall, table, sql.placeholder('$record_id'))}`,
      { $record_id: record_id },
    )
    if (rows.length > 0) return
  }
  throw new AppError('not_found', model ? `${recordName(model_name)} not found` : 'Record not found')
}

/** That a record is there: of the company, and not deleted. */
function isThere(wall: ThreadWall, table: PgTable, id: unknown): SQL | undefined {
  const columns = getColumns(table) as Record<string, PgColumn>
  const { is_deleted } = columns
  return and(wall.inCompany(columns['company_id']!), is_deleted && not(is_deleted), sql`${columns['id']} = ${id}`)
}

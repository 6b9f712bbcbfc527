import { getTableName, sql } from 'drizzle-orm'
import { type PgColumn, type PgTable, getTableConfig } from 'drizzle-orm/pg-core'
import { companies, users } from '../../app/models/index.ts'
import type { Context } from '../../app/services/context.ts'

type Where = Pick<Context, 'db' | 'company_id' | 'user'>

/**
 * The id of a record of any table that belongs to the context's company, made if there is none: what references name in tests.
 */
export async function recordOf(ctx: Where, table: PgTable): Promise<number> {
  const { db, company_id, user } = ctx
  if (table === companies && company_id !== null) return company_id
  if (table === users && user) return user.id
  const query =
    table === users
      ? sql`select user_id as id from user_company_roles where company_id = ${company_id} order by id limit 1`
      : sql`select id from ${table} where company_id = ${company_id} order by id limit 1`
  const { rows } = await db.execute<{ id: number }>(query)
  return rows[0]?.id ?? insert(ctx, table)
}

/** A table's references to what companies own, with a record of the context's company for each. */
export async function ownReferences(ctx: Where, table: PgTable): Promise<Record<string, number>> {
  const found: Record<string, number> = {}
  for (const key of getTableConfig(table).foreignKeys) {
    const { columns, foreignTable } = key.reference()
    const field = columns.at(-1)
    if (field && foreignTable !== companies && foreignTable !== users)
      found[field.name] = await recordOf(ctx, foreignTable)
  }
  return found
}

async function insert(ctx: Where, table: PgTable): Promise<number> {
  const values: Record<string, unknown> = { company_id: ctx.company_id }
  for (const column of getTableConfig(table).columns)
    if (column.name !== 'company_id' && column.notNull && !column.hasDefault)
      values[column.name] = await valueOf(ctx, table, column)
  const [made] = await ctx.db
    .insert(table)
    .values(values)
    .returning({ id: sql<number>`id` })
  if (!made) throw new Error(`The database returned no row of ${getTableName(table)}`)
  return made.id
}

/** Something that a column takes. */
async function valueOf(ctx: Where, table: PgTable, column: PgColumn): Promise<unknown> {
  const key = getTableConfig(table).foreignKeys.find((one) => one.reference().columns.includes(column))
  if (key) return recordOf(ctx, key.reference().foreignTable)
  const kind = column.getSQLType().replace(/\W.*/, '')
  if (!(kind in VALUES)) throw new Error(`record-of.ts knows no value for columns of type ${kind}`)
  return column.enumValues?.[0] ?? VALUES[kind]
}

const VALUES: Record<string, unknown> = {
  varchar: 'x',
  text: 'x',
  integer: 1,
  bigint: 1,
  numeric: '1',
  double: 0.5,
  boolean: true,
  date: '2026-01-31',
  time: '09:30:00',
  timestamp: '2026-01-31T09:30:00.000Z',
  uuid: '0198b3c4-0000-7000-8000-000000000000',
  jsonb: [],
}

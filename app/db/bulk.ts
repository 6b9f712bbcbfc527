import { SQL, getColumns, is, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { Db } from './session.ts'

// Statements over many rows at once. What differs from row to row travels as one JSON parameter: the number of
// parameters of a statement is limited, and its text stays the same whatever the number of rows.

/** A set of texts, for `in`. */
export const textSet = (values: Iterable<string>): SQL =>
  sql`(select jsonb_array_elements_text(${JSON.stringify([...values])}::jsonb))`

/** A set of ids, for `in`. */
export const idSet = (ids: Iterable<number>): SQL =>
  sql`(select jsonb_array_elements_text(${JSON.stringify([...ids])}::jsonb)::bigint)`

/** A set of UUIDs, for `in`. */
export const uuidSet = (uids: Iterable<string>): SQL =>
  sql`(select jsonb_array_elements_text(${JSON.stringify([...uids])}::jsonb)::uuid)`

/** Inserts many rows in one statement, in their order. A column that a row lacks gets its default. */
export async function insertRows(db: Db, table: PgTable, rows: Record<string, unknown>[]): Promise<void> {
  if (rows.length === 0) return
  const columns: PgColumn[] = Object.values(getColumns(table))
  const names = columns.map(({ name }) => sql.identifier(name))
  await db.execute(sql`
    insert into ${table} (${sql.join(names, sql`, `)})
    select ${sql.join(columns.map(valueOrDefault), sql`, `)}
    from jsonb_populate_recordset(null::${table}, ${JSON.stringify(rows)}::jsonb) as r`)
}

function valueOrDefault(column: PgColumn): SQL {
  const value = sql`r.${sql.identifier(column.name)}`
  if (column.default === undefined) return value
  return sql`coalesce(${value}, ${is(column.default, SQL) ? column.default : sql.param(column.default, column)})`
}

/** A change of one row: its id, and the columns to set. A column that is not there keeps its value. */
export type Patch = { id: number } & Record<string, unknown>

/** Carries out many patches in one statement, and stamps `updated_at` where there is one. */
export async function updateRows(db: Db, table: PgTable, patches: Patch[]): Promise<void> {
  if (patches.length === 0) return
  const columns = [...new Set(patches.flatMap((patch) => Object.keys(patch)))].filter((column) => column !== 'id')
  const stamp = 'updated_at' in getColumns(table)
  const names = [...columns, ...(stamp ? ['updated_at'] : [])].map((column) => sql.identifier(column))
  const values = [...columns.map((column) => sql`p.${sql.identifier(column)}`), ...(stamp ? [sql`now()`] : [])]
  // jsonb_populate_record takes what the JSON lacks from the row itself.
  await db.execute(sql`
    update ${table} as t
    set (${sql.join(names, sql`, `)}) =
      (select ${sql.join(values, sql`, `)} from jsonb_populate_record(t, changes.patch) as p)
    from jsonb_array_elements(${JSON.stringify(patches)}::jsonb) as changes(patch)
    where t.id = (changes.patch ->> 'id')::bigint`)
}

/**
 * Makes `members` the whole set of each owner in a link table; links that are right already are not touched.
 * @returns the owners whose set changed
 */
export async function setLinks(
  db: Db,
  table: PgTable,
  [owner, member]: [owner: string, member: string],
  sets: { id: number; members: number[] }[],
): Promise<Set<number>> {
  if (sets.length === 0) return new Set()
  const [ownerId, memberId] = [sql.identifier(owner), sql.identifier(member)]
  const wanted = sql`select (s.owner ->> 'id')::bigint, m.id::bigint
    from jsonb_array_elements(${JSON.stringify(sets)}::jsonb) as s(owner), jsonb_array_elements_text(s.owner -> 'members') as m(id)`
  const removed = await db.execute<{ id: number }>(sql`
    delete from ${table}
    where ${ownerId} in ${idSet(sets.map(({ id }) => id))} and (${ownerId}, ${memberId}) not in (${wanted})
    returning ${ownerId} as id`)
  const added = await db.execute<{ id: number }>(sql`
    insert into ${table} (${ownerId}, ${memberId}) ${wanted} on conflict do nothing returning ${ownerId} as id`)
  return new Set([...removed.rows, ...added.rows].map(({ id }) => id))
}

import { type SQL, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Db } from './session.ts'

// Statements over many rows at once. What differs from row to row travels as one JSON parameter: the number of
// parameters of a statement is limited, and its text stays the same whatever the number of rows.

/** A set of texts, for `in`. */
export const textSet = (values: Iterable<string>): SQL =>
  sql`(select jsonb_array_elements_text(${JSON.stringify([...values])}::jsonb))`

/** A set of ids, for `in`. */
export const idSet = (ids: Iterable<number>): SQL =>
  sql`(select jsonb_array_elements_text(${JSON.stringify([...ids])}::jsonb)::bigint)`

/** A change of one row: its id, and the columns to set. A column that is not there keeps its value. */
export type Patch = { id: number } & Record<string, unknown>

/** Carries out many patches in one statement, and stamps `updated_at`. */
export async function updateRows(db: Db, table: PgTable, patches: Patch[]): Promise<void> {
  if (patches.length === 0) return
  const columns = [...new Set(patches.flatMap((patch) => Object.keys(patch)))].filter((column) => column !== 'id')
  const names = columns.map((column) => sql.identifier(column))
  const values = columns.map((column) => sql`p.${sql.identifier(column)}`)
  // jsonb_populate_record takes what the JSON lacks from the row itself.
  await db.execute(sql`
    update ${table} as t
    set (${sql.join([...names, sql`updated_at`], sql`, `)}) =
      (select ${sql.join([...values, sql`now()`], sql`, `)} from jsonb_populate_record(t, changes.patch) as p)
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

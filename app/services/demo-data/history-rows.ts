import { sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import { insertRows, updateRows, uuidSet } from '../../db/bulk.ts'
import type { Db } from '../../db/session.ts'
import type { Values } from './history-section.ts'
import { type Counts, countsOf, idsOf, patchesOf, splitKnown } from './merge.ts'
import type { Entry } from './parse.ts'

/** Writes a batch: two statements, three where rows are to change. */
export async function writeHistoryRows(
  db: Db,
  table: PgTable,
  entries: Entry<Values>[],
  update: boolean,
): Promise<Counts> {
  const wanted = uuidSet(entries.map(({ item }) => String(item['uid'])))
  const { rows } = await db.execute<{ id: number; uid: string }>(
    sql`select ${update ? sql`*` : sql`id, uid`} from ${table} where uid in ${wanted}`,
  )
  const found = new Map<unknown, { id: number; uid: string }>(rows.map((row) => [row.uid, row]))
  const { fresh, known } = splitKnown(entries, ({ uid }) => found.get(uid))
  await insertRows(db, table, fresh)
  const patches = update ? patchesOf(known, (item) => item) : []
  await updateRows(db, table, patches)
  return countsOf(fresh, known, idsOf(patches))
}

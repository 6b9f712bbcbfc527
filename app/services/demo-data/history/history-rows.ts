import { sql } from 'drizzle-orm'
import { insertRows, updateRows, uuidSet } from '../../../db/bulk.ts'
import type { HistoryJob, HistorySection, Values } from './history-section.ts'
import { type Counts, countsOf, idsOf, patchesOf, splitKnown } from '../merge.ts'
import type { Entry } from '../parse.ts'

/** What an item makes of its row. */
export interface WantedRow {
  uid: string
  values: Values
  /** What the row gets beside, if it is new. */
  initial: Values | undefined
}

type Row = Values & { id: number; uid: string }

/** Writes a batch: two statements, three where rows are to change. */
export async function writeHistoryRows<T>(
  { db, update, faults }: HistoryJob,
  section: HistorySection<T>,
  entries: Entry<WantedRow>[],
): Promise<Counts> {
  const { table } = section
  const uids = uuidSet(entries.map(({ item }) => item.uid))
  const columns = update ? sql`*` : sql`id, uid`
  const { rows } = await db.execute<Row>(sql`select ${columns} from ${table} where uid in ${uids}`)
  const found = new Map<string, Row>(rows.map((row) => [row.uid, row]))
  const { fresh, known } = splitKnown(entries, ({ uid }) => found.get(uid))
  await insertRows(
    db,
    table,
    fresh.map(({ uid, values, initial }) => ({ ...values, ...initial, uid })),
  )
  if (!update) return countsOf(fresh, known, [])
  for (const { path, item } of entries) {
    const row = found.get(item.uid)
    const fault = row && section.conflict?.(row, item.values)
    if (fault) faults.add(`${path}.${fault}`)
  }
  const patches = patchesOf(known, ({ values }) => values)
  await updateRows(db, table, patches)
  return countsOf(fresh, known, idsOf(patches))
}

import { isDeepStrictEqual } from 'node:util'
import type { Patch } from '../../db/bulk.ts'
import type { Entry } from './parse.ts'

/** What loading did to one section. */
export interface Counts {
  created: number
  updated: number
  unchanged: number
}

export const NO_COUNTS: Counts = { created: 0, updated: 0, unchanged: 0 }

export const sumOf = (a: Counts, b: Counts): Counts => ({
  created: a.created + b.created,
  updated: a.updated + b.updated,
  unchanged: a.unchanged + b.unchanged,
})

/** An item whose row is there already. */
export interface Known<T, Row> {
  item: T
  row: Row
}

export const idsOf = (rows: { id: number }[]): number[] => rows.map(({ id }) => id)

/** Items that have no row yet, and those that have one. */
export function splitKnown<T, Row>(
  entries: Entry<T>[],
  find: (item: T) => Row | undefined,
): { fresh: T[]; known: Known<T, Row>[] } {
  const fresh: T[] = []
  const known: Known<T, Row>[] = []
  for (const { item } of entries) {
    const row = find(item)
    if (row === undefined) fresh.push(item)
    else known.push({ item, row })
  }
  return { fresh, known }
}

/** The given values that a row does not have yet; undefined when it has them all. A value of undefined is not given. */
export function changedFields(row: object, values: object): Record<string, unknown> | undefined {
  const present: Record<string, unknown> = { ...row }
  const changed = Object.entries(values).filter(
    ([field, value]) => value !== undefined && !isDeepStrictEqual(value, present[field]),
  )
  return changed.length > 0 ? Object.fromEntries(changed) : undefined
}

/** What must change in rows that are there, so that each has its item's values. */
export function patchesOf<T, Row extends { id: number }>(
  known: Known<T, Row>[],
  valuesOf: (item: T) => object,
): Patch[] {
  return known.flatMap(({ item, row }) => {
    const changed = changedFields(row, valuesOf(item))
    return changed ? [{ ...changed, id: row.id }] : []
  })
}

/** Counts a section's items; `touched` are the ids of rows that changed, by a field or by a link. */
export function countsOf<T, Row extends { id: number }>(
  fresh: T[],
  known: Known<T, Row>[],
  touched: Iterable<number>,
): Counts {
  const ids = new Set(touched)
  const updated = known.filter(({ row }) => ids.has(row.id)).length
  return { created: fresh.length, updated, unchanged: known.length - updated }
}

// Far below PostgreSQL's limit of 65,535 parameters, and as fast as larger ones.
const BATCH = 500

/** Works through items some hundred at a time. */
export async function inBatches<T>(items: T[], work: (batch: T[]) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < items.length; start += BATCH) await work(items.slice(start, start + BATCH))
}

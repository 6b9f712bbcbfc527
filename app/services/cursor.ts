import { z } from 'zod'
import { AppError } from '../core/errors.ts'
import type { SortKey } from '../schemas/list-query.ts'

/** Where a page ended: the sort values of its last row, and the number of the page that follows. */
export interface Cursor {
  values: (string | number | boolean | null)[]
  page: number
}

const Payload = z.strictObject({
  s: z.string(),
  v: z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])),
  p: z.int().min(2),
})

/**
 * Not signed: it holds nothing but values of a row its owner has seen, every value is bound, never joined into SQL, and
 * whatever it says, the rows stay those of the caller's company.
 */
export function encodeCursor(row: Record<string, unknown>, sort: SortKey[], page: number): string {
  const payload = { s: name(sort), v: sort.map(({ field }) => row[field]), p: page }
  return Buffer.from(JSON.stringify(payload)).toString('base64url')
}

/** @throws AppError `validation_error` for anything that `encodeCursor` did not make for this order. */
export function decodeCursor(text: string, sort: SortKey[]): Cursor {
  const parsed = Payload.safeParse(readJson(Buffer.from(text, 'base64url').toString()))
  if (!parsed.success || parsed.data.v.length !== sort.length) throw fault('not a cursor of this list')
  if (parsed.data.s !== name(sort)) throw fault('made for another sort order; repeat the `sort` of the first page')
  return { values: parsed.data.v, page: parsed.data.p }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const name = (sort: SortKey[]) => sort.map((key) => (key.descending ? `-${key.field}` : key.field)).join(',')
const fault = (msg: string) =>
  new AppError('validation_error', [{ loc: ['query', 'cursor'], msg, type: 'invalid_cursor' }])

import { z } from 'zod'
import { AppError } from '../core/errors.ts'
import { readJson } from '../core/read-json.ts'
import { CalendarDate, TimeOfDay } from '../schemas/common.ts'
import type { FieldKind } from '../schemas/filter.ts'
import type { SortKey } from '../schemas/list-query.ts'

/** A sort value of a row; or, of a text too long for a URL, the id of the row that has it. */
export type CursorValue = string | number | boolean | null | { of: number }

/** Where a page ended: the sort values of its last row, and the number of the page that follows. */
export interface Cursor {
  values: CursorValue[]
  page: number
}

// Each of the kind that its column takes: the database refuses another, each engine in its own way.
const Id = z.int().positive()
const VALUES: Record<FieldKind, z.ZodType<CursorValue>> = {
  integer: z.int().nullable(),
  number: z.number().nullable(),
  decimal: z
    .string()
    .regex(/^-?\d+(\.\d+)?$/)
    .nullable(),
  boolean: z.boolean().nullable(),
  // PostgreSQL has no year 0.
  datetime: z.iso
    .datetime()
    .refine((time) => !time.startsWith('0000'))
    .nullable(),
  date: CalendarDate.nullable(),
  time: TimeOfDay.nullable(),
  uuid: z.guid().nullable(),
  string: z.union([z.string().regex(/^[^\0]*$/), z.strictObject({ of: Id })]).nullable(),
}
const LONGEST = 100

/**
 * Not signed: it holds nothing but values of a row its owner has seen, every value is bound, never joined into SQL, and
 * whatever it says, the rows stay those of the caller's company.
 */
export function encodeCursor(row: Record<string, unknown>, sort: SortKey[], page: number): string {
  const values = sort.map(({ field, kind }) => {
    const value = row[field]
    return kind === 'string' && String(value).length > LONGEST ? { of: row['id'] } : value
  })
  return Buffer.from(JSON.stringify({ s: name(sort), v: values, p: page })).toString('base64url')
}

/** @throws AppError `validation_error` for anything that `encodeCursor` did not make for this order. */
export function decodeCursor(text: string, sort: SortKey[]): Cursor {
  const json = readJson(Buffer.from(text, 'base64url').toString())
  const order = z.object({ s: z.string() }).safeParse(json)
  if (order.success && order.data.s !== name(sort))
    throw fault('made for another sort order; repeat the `sort` of the first page')
  const v = z.tuple(sort.map(({ kind }) => VALUES[kind]) as [z.ZodType<CursorValue>])
  const { data } = z.strictObject({ s: z.string(), v, p: z.int().min(2) }).safeParse(json)
  if (!data) throw fault('not a cursor of this list')
  return { values: data.v, page: data.p }
}

const name = (sort: SortKey[]) => sort.map((key) => (key.descending ? `-${key.field}` : key.field)).join(',')
const fault = (msg: string) =>
  new AppError('validation_error', [{ loc: ['query', 'cursor'], msg, type: 'invalid_cursor' }])

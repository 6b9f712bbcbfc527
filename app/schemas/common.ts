import { z } from 'zod'

/** A 64-bit id, a JSON number. */
export const Id = z.int().positive()

/** An id in a path or a query, where everything is text. */
export const PathId = z.coerce.number<string>('expected an id, a positive integer').int().positive()

export const IdParams = z.strictObject({ id: PathId })

/** A moment in a reply: RFC 3339, UTC, milliseconds. */
export const Timestamp = z.string().meta({ format: 'date-time', examples: ['2026-11-23T09:30:00.000Z'] })

/** A moment that somebody names: RFC 3339 with any offset; UTC and milliseconds from here on, of a year that a reply can show. */
export const momentInput = (error: string, yearError: string) =>
  z.iso
    .datetime({ offset: true, error })
    .transform((text) => new Date(text).toJSON() ?? '')
    .refine((text) => /^(?!0000)\d{4}-/.test(text), yearError)

/** A moment in a body. */
export const TimestampInput = momentInput(
  'expected a time such as 2026-11-23T09:30:00Z',
  'expected a time from the year 1 to 9999',
)

/** A day that there is: PostgreSQL has no year 0. */
export const CalendarDate = z.iso
  .date('expected a date such as 2026-11-23')
  .refine((text) => !text.startsWith('0000'), 'expected a year from 1')

/** A time of day, to the millisecond: PostgreSQL would round a finer one up to 24:00. */
export const TimeOfDay = z.iso
  .time('expected a time of day such as 09:30')
  .refine((text) => !/\.\d{4}/.test(text), 'expected at most 3 digits after the point')

// As they are in a reply, without rules: a stored row that breaks one must not make a list fail.
export const DateResponse = z.string().meta({ format: 'date', examples: ['2026-11-23'] })
export const TimeResponse = z.string().meta({ format: 'time-local', examples: ['09:30:00'] })
export const UuidResponse = z.string().meta({ format: 'uuid' })

/** A word of a few, likewise: a reply may have another one that somebody has stored. */
export const choiceResponse = (values: readonly string[]) =>
  z.string().meta({ description: `One of ${values.join(', ')}`, examples: values.slice(0, 1) })

/** Whatever a company wants to keep with a record, likewise. */
export const JsonObject = z.unknown().meta({ type: 'object', additionalProperties: {} })

/** An object of so many characters as JSON: each list that shows the record shows it whole, and so may the activity log, twice. */
export const shortAsJson = <Schema extends z.ZodType>(schema: Schema, most = 10_000): Schema =>
  schema.refine((value) => JSON.stringify(value).length <= most, `must have at most ${most} characters as JSON`)

/** The same in a body. */
export const jsonInput = (most?: number) => shortAsJson(z.record(z.string(), z.unknown()), most)

/** Text of a length, in characters. */
export const text = (min: number, max: number) => z.string().min(min).max(max)

/** A decimal in a reply: text, because a JSON number would round it. */
export const Decimal = z.string().meta({ format: 'decimal', examples: ['99.99'] })

/**
 * A decimal in a body: text or, where it is exact, a JSON number; not negative; as many digits as the column holds, and zeros
 * after them.
 */
export function decimalInput(precision: number, scale: number) {
  const fraction = scale === 0 ? '' : `(\\.\\d{1,${scale}}0{0,20})?`
  const pattern = new RegExp(`^\\d{1,${precision - scale}}${fraction}$`)
  const message = `expected a decimal of at least 0 with at most ${precision - scale} digits before the point and ${scale} after it`
  return z
    .union([z.string(), z.number()], { error: message })
    .transform(String)
    .refine((value) => pattern.test(value), { error: message })
    .meta({ examples: ['99.99'] })
}

/** What a list answers. `total` is null with `?with_total=false`; `next_cursor` is null on the last page. */
export const listResponse = <Item extends z.ZodType>(item: Item) =>
  z.object({
    total: z.int().nullable(),
    items: z.array(item),
    page: z.int(),
    page_size: z.int(),
    next_cursor: z.string().nullable(),
  })

export const ErrorResponse = z
  .object({ detail: z.string(), code: z.string(), request_id: z.string() })
  .meta({ id: 'Error' })

export const ValidationErrorResponse = z
  .object({
    detail: z.array(z.object({ loc: z.array(z.union([z.string(), z.int()])), msg: z.string(), type: z.string() })),
    code: z.string(),
    request_id: z.string(),
  })
  .meta({ id: 'ValidationError' })

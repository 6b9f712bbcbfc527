import { z } from 'zod'

/** A 64-bit id, a JSON number. */
export const Id = z.int().positive()

/** An id in a path, where everything is text. */
export const IdParams = z.strictObject({
  id: z.coerce.number<string>('expected an id, a positive integer').int().positive(),
})

/** A moment in a reply: RFC 3339, UTC, milliseconds. */
export const Timestamp = z.string().meta({ format: 'date-time', examples: ['2026-11-23T09:30:00.000Z'] })

/** Text of a length, in characters. */
export const text = (min: number, max: number) => z.string().min(min).max(max)

/** A decimal in a reply: text, because a JSON number would round it. */
export const Decimal = z.string().meta({ format: 'decimal', examples: ['99.99'] })

/** A decimal in a body: text or, where it is exact, a JSON number; not negative; as many digits as the column holds. */
export function decimalInput(precision: number, scale: number) {
  const pattern = new RegExp(`^\\d{1,${precision - scale}}(\\.\\d{1,${scale}})?$`)
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

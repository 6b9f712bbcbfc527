import { z } from 'zod'

/** A log-in name. No `@`, so that it is never mistaken for somebody's e-mail address. */
export const Username = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{3,50}$/, 'must have 3 to 50 characters, of letters, digits, "_", "." and "-"')

export const Email = z
  .email('must be an e-mail address such as jane@example.com')
  .max(255, 'must have at most 255 characters')

/** What is wrong with a value, as one sentence; undefined when it will do. */
export function faultOf(schema: z.ZodType, value: unknown): string | undefined {
  return schema.safeParse(value).error?.issues[0]?.message
}

import { z } from 'zod'

/** A log-in name. No `@`, so that it is never mistaken for somebody's e-mail address. */
export const Username = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{3,50}$/, 'must have 3 to 50 characters, of letters, digits, "_", "." and "-"')

const NO_EMAIL = 'must be an e-mail address such as jane@example.com'
// Its length first, and nothing else of what is too long: the pattern takes seconds for a text of megabytes.
export const Email = z
  .string(NO_EMAIL)
  .max(255, { error: 'must have at most 255 characters', abort: true })
  .check(z.email(NO_EMAIL))

// 128 characters, as `passwordFaults` counts them, may be given in four parts each (Unicode's NFD).
const password = z.string().max(512)
/** One that somebody logs in with, or proves that it is them. */
export const Password = password.min(1)
/** One to have from now on: `passwordFaults` says whether it will do. */
export const NewPassword = password.meta({ format: 'password', description: '8 to 128 characters' })

/** An address of the web. Not `javascript:`, which a page would run. */
export const WebAddress = z.url({ protocol: /^https?$/ })

/** As people write it, with a country's code or without. */
export const Phone = z
  .string()
  .regex(/^(?=.*\d)\+?[\d ()./-]{3,50}$/, 'must be a phone number such as +49 30 123456')
  .max(50, 'must have at most 50 characters')

/** A name of the IANA database; an offset such as `+01:00` has no summer time and is none. */
export const TimeZone = z
  .string()
  .max(50, { abort: true }) // to look for a name of megabytes takes seconds
  .refine(isTimeZone, 'must be a time zone such as Europe/Berlin')
  .meta({ examples: ['Europe/Berlin'] })

function isTimeZone(name: string): boolean {
  try {
    return /^[A-Z]/i.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** What is wrong with a value, as one sentence; undefined when it will do. */
export function faultOf(schema: z.ZodType, value: unknown): string | undefined {
  return schema.safeParse(value).error?.issues[0]?.message
}

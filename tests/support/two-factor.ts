import { eq } from 'drizzle-orm'
import { TOTP } from 'otpauth'
import { totpSecrets } from '../../app/models/index.ts'
import { PASSWORD } from './password.ts'
import type { Caller } from './caller.ts'
import type { Trusted } from './work-as.ts'

/** The code that an authenticator app shows; `steps` × 30 seconds from now. */
export const codeOf = (secret: string, steps = 0): string =>
  TOTP.generate({ secret: new TOTP({ secret }).secret, timestamp: Date.now() + steps * 30_000 })

/** A code that is none of those good now. */
export function wrongCodeOf(secret: string): string {
  const near = [-2, -1, 0, 1, 2].map((steps) => codeOf(secret, steps))
  return ['111111', '222222', '333333', '444444', '555555', '666666'].find((code) => !near.includes(code)) ?? ''
}

/** Turns the caller's second factor on, through the API. */
export async function turnOn(user: Caller): Promise<{ secret: string; backup_codes: string[] }> {
  const { secret } = (await user.post('/auth/2fa/setup')).json<{ secret: string }>()
  const verified = await user.post('/auth/2fa/verify', { code: codeOf(secret) })
  return { secret, backup_codes: verified.json<{ backup_codes: string[] }>().backup_codes }
}

/** Forgets which codes were used, as if their 30 seconds were long over. */
export const forgetUse = (trusted: Trusted, user_id: number) =>
  trusted(({ db }) => db.update(totpSecrets).set({ last_step: 0 }).where(eq(totpSecrets.user_id, user_id)))

/** Tries to log in with a proof beside the right password. */
export const logInWith = (caller: Caller, username: string, proof: object = {}) =>
  caller.post('/auth/login', { username, password: PASSWORD, ...proof })

/** The statuses of what was sent at once, the lowest first: which of them came first is not told. */
export const statusesOf = (replies: { statusCode: number }[]): number[] =>
  replies.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)

import { eq } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import { verifyPassword } from '../../core/passwords.ts'
import { users } from '../../models/index.ts'
import { demandUnlocked, recordFailure } from './lockout.ts'
import { type AuthParts, trusted } from './parts.ts'
import { hasTwoFactor, useCode } from './two-factor-codes.ts'

/** What somebody who is logged in shows once more. */
export interface Proofs {
  password: string
  /** A TOTP or a backup code; where the account has a second factor it must be there. */
  code?: string | undefined
}

/**
 * Makes sure that it is the account's owner who sits at a session, before what would let a thief of it stay (OWASP:
 * "Require Re-authentication for Sensitive Features"). Failures count as those of log-in do.
 * @throws AppError `bad_request` saying what is wrong, `account_locked`, `overloaded`
 */
export function reauthenticate(parts: AuthParts, user_id: number, { password, code }: Proofs): Promise<void> {
  return parts.turns.run(user_id, async () => {
    const { password_hash, guarded } = await trusted(parts, async (db) => {
      await demandUnlocked(db, user_id)
      const [user] = await db.select({ hash: users.password_hash }).from(users).where(eq(users.id, user_id))
      return { password_hash: user?.hash ?? '', guarded: await hasTwoFactor(db, user_id) }
    })
    if (!(await verifyPassword(password_hash, password))) await refuse(parts, user_id, 'Incorrect password')
    if (!guarded) return
    if (code === undefined) throw new AppError('bad_request', 'Give a code of your second factor too')
    if (!(await useCode(parts, user_id, code))) await refuse(parts, user_id, WRONG_CODE)
  })
}

export const WRONG_CODE = 'Incorrect code, or one that was used'

/** Refuses, with the failure counted in a transaction of its own: the refusal must not undo it. */
export async function refuse(parts: AuthParts, user_id: number, why: string): Promise<never> {
  await trusted(parts, (db) => recordFailure(db, [user_id], 'reauthentication_failed'))
  throw new AppError('bad_request', why)
}

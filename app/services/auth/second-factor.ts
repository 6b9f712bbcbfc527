import { AppError } from '../../core/errors.ts'
import type { PasskeyAssertion } from '../../schemas/passkey.ts'
import { recordFailure } from './lockout.ts'
import { type AuthParts, trusted } from './parts.ts'
import { verifyAssertion } from './passkey-assertion.ts'
import { hasTwoFactor, useCode } from './two-factor-codes.ts'

/** What proves a log-in beside the password. */
export interface Proof {
  /** A TOTP or a backup code */
  two_factor_code?: string | undefined
  /** Made by a passkey of that user */
  passkey?: PasskeyAssertion | undefined
}

/**
 * Asks for the second factor where an account has one. What proves it is used up; what does not counts as a failed attempt.
 * @throws AppError `two_factor_required` when no proof was given, `invalid_two_factor_code`
 */
export async function demandSecondFactor(parts: AuthParts, user_id: number, proof: Proof): Promise<void> {
  if (!(await trusted(parts, (db) => hasTwoFactor(db, user_id)))) return
  if (await holds(parts, user_id, proof)) return
  // In a transaction of its own: the refusal must not undo it.
  await trusted(parts, (db) => recordFailure(db, [user_id], 'two_factor_failed'))
  throw new AppError('invalid_two_factor_code')
}

async function holds(parts: AuthParts, user_id: number, { two_factor_code, passkey }: Proof): Promise<boolean> {
  if (two_factor_code !== undefined) return useCode(parts, user_id, two_factor_code)
  if (passkey !== undefined) return (await verifyAssertion(parts, passkey, user_id)) !== undefined
  throw new AppError('two_factor_required')
}

import { AppError } from '../../core/errors.ts'
import type { PasskeyAssertion } from '../../schemas/passkey.ts'
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
 * Whether the proof of the second factor holds; true where the account has none. What proved it is used up.
 * @throws AppError `two_factor_required` when there is one and no proof was given
 */
export async function demandSecondFactor(
  parts: AuthParts,
  user_id: number,
  { two_factor_code, passkey }: Proof,
): Promise<boolean> {
  if (!(await trusted(parts, (db) => hasTwoFactor(db, user_id)))) return true
  if (two_factor_code !== undefined) return useCode(parts, user_id, two_factor_code)
  if (passkey !== undefined) return (await verifyAssertion(parts, passkey, user_id)) !== undefined
  throw new AppError('two_factor_required')
}

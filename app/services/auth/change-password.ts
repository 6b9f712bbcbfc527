import { and, eq } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import { hashPassword, verifyPassword } from '../../core/passwords.ts'
import type { Db } from '../../db/session.ts'
import { users } from '../../models/index.ts'
import type { CurrentUser } from '../context.ts'
import { ActivityCategory } from '../../models/activity-log.ts'
import { recordAccountChange } from '../activity/account.ts'
import { isLiveUser } from './live-user.ts'
import { isLocked } from './lockout.ts'
import { demandGoodPassword, replacePassword, weakPassword } from './new-password.ts'
import { type AuthParts, trusted } from './parts.ts'
import { refuse } from './re-authentication.ts'
import { SessionService } from './sessions.ts'

interface Change {
  current_password: string
  new_password: string
}

/**
 * Changes the caller's own password, ends all their sessions and starts a new one. A wrong current password counts as a
 * failed log-in: whoever has got hold of a session cannot guess at leisure. It is no 401, which clients take for the end of
 * the session.
 * @throws AppError `validation_error`, `bad_request`, `conflict`, `overloaded`
 */
export async function changePassword(parts: AuthParts, user: CurrentUser, change: Change) {
  const { current_password, new_password } = change
  demandGoodPassword('new_password', new_password, user)
  return parts.turns.run(user.id, async () => {
    const current = await demandCurrent(parts, user.id, current_password)
    if (await verifyPassword(current, new_password))
      throw weakPassword('new_password', ['must differ from the current password'])
    const password_hash = await hashPassword(new_password)
    const isUnchanged = eq(users.password_hash, current)
    await trusted(parts, async (db) => {
      if (!(await replacePassword(db, user.id, password_hash, isUnchanged))) throw new AppError('conflict')
      await recordAccountChange(parts, db, user.id, {
        action: 'password_changed',
        category: ActivityCategory.AUTHENTICATION,
      })
    })
    const session = await new SessionService(parts).start(user.id, { password_hash })
    const { access_token, refresh_token, token_type, expires_in } = session
    return { access_token, refresh_token, token_type, expires_in }
  })
}

/** The hash of the current password, for who knows it. As at log-in, only they are told of a lock. */
async function demandCurrent(parts: AuthParts, user_id: number, password: string): Promise<string> {
  const account = await trusted(parts, (db) => findAccount(db, user_id))
  if (!account) throw new AppError('not_authenticated')
  if (account.password_hash === '') throw new AppError('bad_request', NO_PASSWORD)
  if (!(await verifyPassword(account.password_hash, password)))
    await refuse(parts, user_id, 'The current password is not right')
  if (account.locked) throw new AppError('bad_request', 'Too many failed attempts; try again in 30 minutes')
  return account.password_hash
}

const NO_PASSWORD = 'This account has no password yet; ask for a link to set one (forgot-password)'

async function findAccount(db: Db, user_id: number) {
  const [account] = await db
    .select({ password_hash: users.password_hash, locked: isLocked })
    .from(users)
    .where(and(eq(users.id, user_id), isLiveUser))
  return account
}

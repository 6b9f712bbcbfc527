import { type SQL, and, eq, sql } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import { type PasswordOwner, passwordFaults } from '../../core/passwords.ts'
import type { Db } from '../../db/session.ts'
import { users } from '../../models/index.ts'
import { isLiveUser } from './live-user.ts'
import { dropTokens } from './one-time-tokens.ts'
import { endSessionsOf } from './sessions.ts'

/** Refuses a password that will not do. @throws AppError `validation_error` with every fault of it */
export function demandGoodPassword(field: string, password: string, owner: PasswordOwner): void {
  const faults = passwordFaults(password, owner)
  if (faults.length > 0) throw weakPassword(field, faults)
}

export const weakPassword = (field: string, faults: string[]) =>
  new AppError(
    'validation_error',
    faults.map((msg) => ({ loc: ['body', field], msg, type: 'weak_password' })),
  )

/**
 * Replaces the password of an active user, and with it all that was good by the old one: sessions, reset links. API keys
 * stay: they are no log-ins. `still` is what has to be true of the user yet; false when it is not.
 */
export async function replacePassword(
  db: Db,
  user_id: number,
  password_hash: string,
  still: SQL | undefined,
): Promise<boolean> {
  const replaced = await db
    .update(users)
    .set({ password_hash, password_changed_at: sql`now()` })
    .where(and(eq(users.id, user_id), isLiveUser, still))
    .returning({ id: users.id })
  if (replaced.length === 0) return false
  await endSessionsOf(db, user_id)
  await dropTokens(db, 'password_reset', user_id)
  return true
}

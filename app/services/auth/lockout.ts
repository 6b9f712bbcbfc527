import { and, eq, inArray, sql } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import type { Db } from '../../db/session.ts'
import { users } from '../../models/index.ts'
import { type AttemptKind, recordFailedAttempt } from '../activity/account.ts'
import { isLiveUser } from './live-user.ts'

const MOST_FAILURES = 5
const NOBODY = 0
const LOCKED_FOR = sql`interval '30 minutes'`
// Who knows the password tries it a few times and is told of the lock. Who goes on is guessing, and told nothing more.
const MOST_TOLD = 15
/** Of a row of `users`: whether the account is locked now. */
export const isLocked = sql<boolean>`coalesce(${users.locked_until} > now(), false)`

/**
 * Counts a failed attempt, by password or second factor; the fifth locks the account for 30 minutes. In the database, so
 * that a restart forgets nothing and all processes count together. Without any account it costs the same statements.
 */
export async function recordFailure(db: Db, user_ids: number[], attempt: AttemptKind = 'login_failed'): Promise<void> {
  const failures = sql`case when ${users.locked_until} <= now() then 0 else ${users.failed_login_attempts} end + 1`
  const counted = await db
    .update(users)
    .set({
      failed_login_attempts: failures,
      // Attempts while it is locked count, and do not prolong the lock.
      locked_until: sql`case when ${users.locked_until} > now() then ${users.locked_until}
        when ${failures} >= ${MOST_FAILURES} then now() + ${LOCKED_FOR} end`,
    })
    .where(inArray(users.id, user_ids.length > 0 ? user_ids : [NOBODY]))
    .returning({ id: users.id, failures: users.failed_login_attempts })
  const accounts = counted.map((account) => ({ ...account, locked: account.failures === MOST_FAILURES }))
  await recordFailedAttempt(db, attempt, accounts.length > 0 ? accounts : [{ id: null, failures: 0, locked: false }])
}

/**
 * Whether somebody who knows the password may go on. Whoever has failed often while the account was locked is no longer told
 * that a password is right: the lock would answer guesses for as long as it lasts.
 * @throws AppError `invalid_credentials` for an inactive account, `account_locked`
 */
export async function demandUnlocked(db: Db, user_id: number): Promise<void> {
  const [user] = await db
    .select({ locked: isLocked, failures: users.failed_login_attempts })
    .from(users)
    .where(and(eq(users.id, user_id), isLiveUser))
  if (!user) throw new AppError('invalid_credentials')
  if (user.locked) throw new AppError(user.failures < MOST_TOLD ? 'account_locked' : 'invalid_credentials')
}

/** Lifts the lock of an account and forgets what led to it. */
export async function forgetFailures(db: Db, user_id: number): Promise<void> {
  await db.update(users).set({ failed_login_attempts: 0, locked_until: null }).where(eq(users.id, user_id))
}

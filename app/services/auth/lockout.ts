import { and, eq, inArray, not, sql } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import type { Db } from '../../db/session.ts'
import { users } from '../../models/index.ts'

const MOST_FAILURES = 5
const LOCKED_FOR = sql`interval '30 minutes'`
/** Of a row of `users`: whether the account is locked now. */
export const isLocked = sql<boolean>`coalesce(${users.locked_until} > now(), false)`

/**
 * Counts a failed attempt, by password or second factor; the fifth locks the account for 30 minutes. In the database, so
 * that a restart forgets nothing and all processes count together.
 */
export async function recordFailure(db: Db, user_ids: number[]): Promise<void> {
  const failures = sql`case when ${users.locked_until} is null then ${users.failed_login_attempts} else 0 end + 1`
  await db
    .update(users)
    .set({
      failed_login_attempts: failures,
      locked_until: sql`case when ${failures} >= ${MOST_FAILURES} then now() + ${LOCKED_FOR} end`,
    })
    .where(and(inArray(users.id, user_ids), sql`coalesce(${users.locked_until} <= now(), true)`))
}

/**
 * Whether somebody who knows the password may go on.
 * @throws AppError `invalid_credentials` for an inactive account, `account_locked`
 */
export async function demandUnlocked(db: Db, user_id: number): Promise<void> {
  const [user] = await db
    .select({ locked: isLocked })
    .from(users)
    .where(and(eq(users.id, user_id), users.is_active, not(users.is_deleted)))
  if (!user) throw new AppError('invalid_credentials')
  if (user.locked) throw new AppError('account_locked')
}

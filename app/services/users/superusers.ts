import { and, eq } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import type { Db } from '../../db/session.ts'
import { users } from '../../models/index.ts'
import { isLiveUser } from '../auth/live-user.ts'

/**
 * Whether a superuser may be demoted, disabled or deleted: only while there is another who is active. Locks all active
 * superusers, in the order of their ids, until the transaction ends: of two who are demoted at once the second is counted
 * after the first is gone. Call it before the user's own row is locked.
 * @throws AppError `bad_request`
 */
export async function demandAnotherSuperuser(db: Db, user_id: number): Promise<void> {
  const active = await db
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.is_superuser, true), isLiveUser))
    .orderBy(users.id)
    .for('update')
  if (active.length === 1 && active[0]?.id === user_id)
    throw new AppError('bad_request', 'The last active superuser can be neither demoted, disabled nor deleted')
}

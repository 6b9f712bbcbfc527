import { eq, getColumns, sql } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import type { Db } from '../../db/session.ts'
import { users } from '../../models/index.ts'
import { userProfiles } from '../../models/user.ts'
import { dropTokens } from '../auth/one-time-tokens.ts'
import { endSessionsOf } from '../auth/sessions.ts'
import type { CurrentUser } from '../context.ts'
import { type NameScope, demandNamesFree, takeNames } from './names.ts'

export type Profile = Pick<
  CurrentUser,
  'full_name' | 'phone' | 'avatar_url' | 'bio' | 'location' | 'website' | 'timezone' | 'language'
>
/** What somebody is in all companies alike. */
export type Identity = Pick<CurrentUser, 'email' | 'username' | 'is_active' | 'is_verified' | 'is_superuser'>
export type UserChanges = Partial<Profile & Identity>

const IDENTITY = ['email', 'username', 'is_active', 'is_verified', 'is_superuser'] as const

export const changesIdentity = (changes: UserChanges): boolean => IDENTITY.some((field) => changes[field] !== undefined)

/** What of the given values differs from the user's: a reply that is sent back whole changes nothing, and needs no rights. */
export function differing(user: UserChanges, given: UserChanges): UserChanges {
  const values = new Map<string, unknown>(Object.entries(user))
  const changed = Object.entries(given).filter(([field, value]) => value !== undefined && values.get(field) !== value)
  return Object.fromEntries(changed)
}

/**
 * Changes an account, and what hangs on it: another e-mail address is unverified and ends the mails that are under way; who is
 * switched off is logged out. Whether the caller may is settled before.
 * @throws AppError `duplicate`
 */
export async function changeUser(
  db: Db,
  user: CurrentUser,
  changes: UserChanges,
  scope: NameScope,
): Promise<CurrentUser> {
  if (Object.keys(changes).length === 0) return user
  const { email, username } = changes
  if (email !== undefined || username !== undefined) await demandNamesFree(db, { email, username }, scope, user.id)
  const moved = email !== undefined && email.toLowerCase() !== user.email.toLowerCase()
  const values = { ...(moved && { is_verified: false }), ...changes, updated_at: sql`now()` }
  const [row] = await takeNames(
    db,
    { email, username },
    (savepoint, owned) =>
      savepoint
        .update(users)
        .set({ ...values, ...owned })
        .where(eq(users.id, user.id))
        .returning(getColumns(userProfiles)),
    user.id,
  )
  if (!row) throw new AppError('conflict')
  if (moved)
    for (const purpose of ['password_reset', 'email_verification'] as const) await dropTokens(db, purpose, user.id)
  if (changes.is_active === false) await endSessionsOf(db, user.id)
  return row
}

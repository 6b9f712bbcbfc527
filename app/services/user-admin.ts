import { and, asc, not, sql } from 'drizzle-orm'
import type { Settings } from '../core/config.ts'
import { AppError } from '../core/errors.ts'
import { hashPassword } from '../core/passwords.ts'
import type { Engine } from '../db/engine.ts'
import { ActivityCategory } from '../models/activity-log.ts'
import { users } from '../models/index.ts'
import { forgetFailures } from './auth/lockout.ts'
import { replacePassword } from './auth/new-password.ts'
import { type CurrentUser, systemContext, trustedRead } from './context.ts'
import { ActivityLog } from './activity/activity-log.ts'
import { recordSuperuser } from './users/activity.ts'
import { findUserByName } from './users/by-name.ts'
import { changeUser } from './users/change.ts'
import { lockUser } from './users/rights.ts'
import { demandAnotherSuperuser } from './users/superusers.ts'

// What the user commands do: trusted work across all companies.

/**
 * Makes a superuser who can log in at once. The caller has checked the values.
 * @throws AppError `duplicate` when the username or e-mail is taken
 */
export async function createSuperuser(
  engine: Engine,
  settings: Settings,
  { username, email, password }: { username: string; email: string; password: string },
): Promise<{ id: number; username: string; email: string }> {
  const password_hash = await hashPassword(password)
  const row = { username, email, password_hash, full_name: fullName(username), is_superuser: true, is_verified: true }
  return systemContext({ engine, settings, company_id: null }, async (ctx) => {
    const shown = { id: users.id, username: users.username, email: users.email }
    const [created] = await ctx.db.insert(users).values(row).returning(shown)
    if (!created) throw new Error('The database returned no user')
    await recordSuperuser(ctx, created, true)
    return created
  })
}

/** The first users, in the order they came; not those who are deleted. */
export function listUsers(
  engine: Engine,
  settings: Settings,
  { superusers, limit }: { superusers: boolean; limit: number },
) {
  const { id, username, email, is_active, is_superuser, created_at } = users
  return trustedRead({ engine, settings }, (db) =>
    db
      .select({ id, username, email, is_active, is_superuser, created_at })
      .from(users)
      .where(and(not(users.is_deleted), superusers ? is_superuser : undefined))
      .orderBy(asc(id))
      .limit(limit),
  )
}

/** The account that a username or e-mail address means. */
export function findUser(engine: Engine, settings: Settings, name: string): Promise<CurrentUser | undefined> {
  return trustedRead({ engine, settings }, (db) => findUserByName(db, name))
}

/**
 * Gives an active user another password, ends their sessions and lifts the lock. The caller has checked the password.
 * @throws AppError `conflict` when the user is not active any more
 */
export async function setPassword(
  engine: Engine,
  settings: Settings,
  user: CurrentUser,
  password: string,
): Promise<void> {
  const password_hash = await hashPassword(password) // before the transaction, which would keep others waiting
  await systemContext({ engine, settings, company_id: null }, async (ctx) => {
    const { db } = ctx
    if (!(await replacePassword(db, user.id, password_hash, undefined))) throw new AppError('conflict')
    await forgetFailures(db, user.id)
    await ActivityLog.create(ctx, {
      action: 'password_changed',
      category: ActivityCategory.AUTHENTICATION,
      entity_type: 'users',
      entity_id: user.id,
      entity_name: user.full_name ?? user.username,
      metadata: { by: 'changepassword' },
    })
  })
}

/**
 * Makes a user a superuser, or one no more; from the commit on every process goes by it.
 * @throws AppError `bad_request` for the last active superuser, `conflict` when the user has changed since `seen` was read
 */
export function setSuperuser(
  engine: Engine,
  settings: Settings,
  seen: CurrentUser,
  is_superuser: boolean,
): Promise<CurrentUser> {
  return systemContext({ engine, settings, company_id: null }, async (ctx) => {
    const { db } = ctx
    if (!is_superuser) await demandAnotherSuperuser(db, seen.id)
    await lockUser(db, seen)
    const changed = await changeUser(db, seen, { is_superuser }, EVERYBODY)
    await recordSuperuser(ctx, changed, is_superuser)
    return changed
  })
}

/** Among whom names are unique; no name changes here. */
const EVERYBODY = { visible: sql`true`, companies: [] }

/** `jane.smith` → `Jane Smith` */
function fullName(username: string): string {
  const words = username.split(/[_.-]+/).filter((word) => word !== '')
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ') || username
}

import { asc, eq } from 'drizzle-orm'
import type { Settings } from '../core/config.ts'
import { hashPassword } from '../core/passwords.ts'
import type { Engine } from '../db/engine.ts'
import { users } from '../models/index.ts'
import { systemContext } from './context.ts'

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
  const [created] = await systemContext({ engine, settings, company_id: null }, ({ db }) =>
    db.insert(users).values(row).returning({ id: users.id, username: users.username, email: users.email }),
  )
  if (!created) throw new Error('The database returned no user')
  return created
}

/** The first users, in the order they came. */
export function listUsers(
  engine: Engine,
  settings: Settings,
  { superusers, limit }: { superusers: boolean; limit: number },
) {
  const { id, username, email, is_active, is_superuser, created_at } = users
  return systemContext({ engine, settings, company_id: null, readOnly: true }, ({ db }) =>
    db
      .select({ id, username, email, is_active, is_superuser, created_at })
      .from(users)
      .where(superusers ? eq(is_superuser, true) : undefined)
      .orderBy(asc(id))
      .limit(limit),
  )
}

/** `jane.smith` → `Jane Smith` */
function fullName(username: string): string {
  const words = username.split(/[_.-]+/).filter((word) => word !== '')
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ') || username
}

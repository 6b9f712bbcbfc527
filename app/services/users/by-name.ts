import { and, eq, getColumns, not, or, sql } from 'drizzle-orm'
import type { Db } from '../../db/session.ts'
import { users } from '../../models/index.ts'
import { userProfiles } from '../../models/user.ts'
import type { CurrentUser } from '../context.ts'

/** The account that a username or e-mail address means, in any case of letters: the one that owns it. */
export async function findUserByName(db: Db, name: string): Promise<CurrentUser | undefined> {
  const [user] = await db
    .select(getColumns(userProfiles))
    .from(users)
    .where(
      and(
        not(users.is_deleted),
        or(
          and(users.owns_username, eq(sql`lower(${users.username})`, sql`lower(${name})`)),
          and(users.owns_email, eq(sql`lower(${users.email})`, sql`lower(${name})`)),
        ),
      ),
    )
  return user
}

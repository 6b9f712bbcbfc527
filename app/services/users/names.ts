import { type SQL, and, eq, ne, not, or, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { AppError, appErrorIn } from '../../core/errors.ts'
import { takeTurn } from '../../db/advisory-lock.ts'
import type { Db } from '../../db/session.ts'
import { users } from '../../models/index.ts'

// A name that a stranger has is not refused: that would tell that they exist. The account that is made then does not own
// the name (see models/user.ts); everything else about it is alike.

export interface Names {
  email?: string | undefined
  username?: string | undefined
}

/** Whom a name must not be taken from, and the companies in which two must not take one at once; null: in none. */
export interface NameScope {
  visible: SQL
  companies: readonly (number | null)[]
}

/** Stands for "no company" among the turns. */
const NOWHERE = 0

/**
 * Waits until nobody else takes a name in these companies, then looks whether somebody the caller can see has it.
 * @throws AppError `duplicate`
 */
export async function demandNamesFree(
  db: Db,
  { email, username }: Names,
  { visible, companies }: NameScope,
  except = 0,
): Promise<void> {
  const turns = new Set(companies.map((company_id) => company_id ?? NOWHERE))
  for (const company_id of [...turns].toSorted((a, b) => a - b))
    await takeTurn(db, `names of users in company ${company_id}`)
  const sameEmail = email === undefined ? sql`false` : isSame(users.email, email)
  const sameUsername = username === undefined ? sql`false` : isSame(users.username, username)
  const [taken] = await db
    .select({ email: sql<boolean>`bool_or(${sameEmail})`, username: sql<boolean>`bool_or(${sameUsername})` })
    .from(users)
    .where(and(or(sameEmail, sameUsername), visible, ne(users.id, except), not(users.is_deleted)))
  if (taken?.email) throw new AppError('duplicate', 'User with this email already exists')
  if (taken?.username) throw new AppError('duplicate', 'User with this username already exists')
}

/** The columns that say whether names are owned, as far as they are given. */
export interface Ownership {
  owns_email?: SQL
  owns_username?: SQL
}

/** Owned where nobody else owns it; `false`: not owned. */
function ownership({ email, username }: Names, except: number, free: boolean): Ownership {
  const unowned = (column: 'email' | 'username', name: string) =>
    free
      ? sql`not exists (select from users other where lower(other.${sql.identifier(column)}) = lower(${name})
          and other.${sql.identifier(`owns_${column}`)} and other.id <> ${except})`
      : sql`false`
  return {
    ...(email !== undefined && { owns_email: unowned('email', email) }),
    ...(username !== undefined && { owns_username: unowned('username', username) }),
  }
}

type Savepoint = Omit<Db, 'unit'>

/**
 * Runs what gives names to an account. Of two strangers who take a name at the same moment one owns it: to the other
 * PostgreSQL says so after the first has committed, and the second attempt sees it.
 */
export async function takeNames<R>(
  db: Db,
  names: Names,
  take: (db: Savepoint, owned: Ownership) => Promise<R>,
  except = 0,
): Promise<R> {
  for (let attempt = 1; ; attempt++) {
    const owned = ownership(names, except, attempt < 3)
    try {
      return await db.transaction((savepoint) => take(savepoint, owned))
    } catch (error) {
      if (attempt === 3 || appErrorIn(error)?.code !== 'duplicate') throw error
    }
  }
}

const isSame = (column: PgColumn, name: string) => eq(sql`lower(${column})`, sql`lower(${name})`)

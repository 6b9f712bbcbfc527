import { randomInt } from 'node:crypto'
import type { Db } from '../../db/session.ts'
import { users } from '../../models/index.ts'

const MOST_ATTEMPTS = 8

/**
 * Makes a user without a password and without a company, whose e-mail address is known to be theirs. Undefined when the
 * address was taken at this very moment.
 */
export async function createVerifiedUser(db: Db, email: string): Promise<number | undefined> {
  const base = baseOf(email)
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    // Random, from a range that grows: however many have the name, a few attempts do, and the number does not tell how many.
    const username = attempt === 0 ? base : `${base}${randomInt(2, 10 ** (attempt + 1))}`
    const [created] = await db
      .insert(users)
      .values({ email, username, password_hash: '', is_verified: true })
      .onConflictDoNothing()
      .returning({ id: users.id })
    if (created) return created.id
  }
  return undefined
}

/** A username from an address's local part, by the rules of `Username`, with room for a number. */
function baseOf(email: string): string {
  const local = email.slice(0, email.lastIndexOf('@'))
  const base = local.replaceAll(/[^A-Za-z0-9_.-]/g, '').slice(0, 40)
  return base.length < 3 ? `user${base}` : base
}

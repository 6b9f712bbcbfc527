import { and, eq, exists, not, or, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { takeTurn } from '../../db/advisory-lock.ts'
import type { Db } from '../../db/session.ts'
import { users } from '../../models/index.ts'

// Which account an e-mail address means, where several have it (models/user.ts). Who has shown that it is theirs comes
// before who has only said so: otherwise anybody could register a stranger's address first and wait for them
// ("pre-hijacking", Sudhodanan and Paverd, USENIX Security 2022).

const other = alias(users, 'other')
const has = (table: typeof users | typeof other, email: string) => eq(sql`lower(${table.email})`, sql`lower(${email})`)

/** Makes others who decide about this address wait until the end of the transaction. */
export async function lockAddress(db: Db, email: string): Promise<void> {
  await takeTurn(db, `address ${email.toLowerCase()}`)
}

/** Whether somebody has shown that this address is theirs, and has an account with it. */
export async function isVerifiedAddress(db: Db, email: string): Promise<boolean> {
  const found = await db
    .select({ id: users.id })
    .from(users)
    .where(and(has(users, email), users.is_verified, not(users.is_deleted)))
    .limit(1)
  return found.length > 0
}

/** Takes an address from the account that it means, unless that has been verified. */
export async function releaseAddress(db: Db, email: string): Promise<void> {
  await db
    .update(users)
    .set({ owns_email: false })
    .where(and(has(users, email), users.owns_email, or(not(users.is_verified), users.is_deleted)))
}

/** Gives a verified account its address, if it is nobody's or that of an account that was never verified. */
export async function claimAddress(db: Db, user_id: number, email: string): Promise<void> {
  await releaseAddress(db, email)
  const owner = db
    .select({ id: other.id })
    .from(other)
    .where(and(has(other, email), other.owns_email))
  await db
    .update(users)
    .set({ owns_email: true })
    .where(and(eq(users.id, user_id), not(exists(owner))))
}

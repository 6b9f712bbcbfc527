import { and, asc, count, eq, sql } from 'drizzle-orm'
import type { Settings } from '../../core/config.ts'
import { AppError } from '../../core/errors.ts'
import type { Identity } from '../../core/oauth-identity.ts'
import type { Db } from '../../db/session.ts'
import { oauthAccounts, passkeys, users } from '../../models/index.ts'
import { recordAccountChange } from '../activity/account.ts'
import { createVerifiedUser } from './oauth-new-user.ts'
import { type AuthParts, trusted } from './parts.ts'

/** An account at a provider that is to be linked. */
export interface Claim {
  provider: string
  subject: string
  email: string
}

/** A user as whom a provider's answer may log in, and what is linked when that happens. */
export interface Proven {
  user_id: number
  claim: Claim | null
}

/** Says the same whether there is no account, an inactive one, or one that may not be linked. */
const REFUSED = 'There is no account here that this log-in may open; log in another way or ask your administrator'

/**
 * The account that a provider's answer opens: the linked one; else the one whose e-mail address both sides have verified (an
 * unverified account here may have been made by an attacker who waits for the address's owner); else, where anybody may
 * register, a new one.
 * @throws AppError `oauth_failed`, in one sentence for all reasons
 */
export async function findAccount(
  db: Db,
  provider: string,
  { subject, verified_email: email }: Identity,
  { REGISTRATION_ENABLED }: Pick<Settings, 'REGISTRATION_ENABLED'>,
): Promise<Proven> {
  const linked = await findLinked(db, provider, subject)
  if (linked) return { user_id: usable(linked), claim: null }
  if (email === undefined) throw new AppError('oauth_failed', REFUSED)
  const claim = { provider, subject, email }
  const owner = await findOwner(db, email)
  if (owner) return { user_id: usable(owner, owner.is_verified), claim }
  const user_id = REGISTRATION_ENABLED ? await createVerifiedUser(db, email) : undefined
  if (user_id === undefined) throw new AppError('oauth_failed', REFUSED)
  return { user_id, claim }
}

/** Links an account at a provider; one that is linked stays where it is. */
export async function link(db: Db, user_id: number, claim: Claim): Promise<void> {
  await db
    .insert(oauthAccounts)
    .values({ user_id, ...claim })
    .onConflictDoNothing()
}

/** A user's own links. */
export class OAuthAccountService {
  readonly #parts: AuthParts

  constructor(parts: AuthParts) {
    this.#parts = parts
  }

  list(user_id: number) {
    const { id, provider, email, created_at } = oauthAccounts
    return trusted(this.#parts, (db) =>
      db
        .select({ id, provider, email, created_at })
        .from(oauthAccounts)
        .where(eq(oauthAccounts.user_id, user_id))
        .orderBy(asc(id))
        .limit(200),
    )
  }

  /** Removes one. @throws AppError `not_found`; `bad_request` for the last way to log in */
  remove(user_id: number, id: number): Promise<void> {
    return trusted(this.#parts, async (db) => {
      // Locked, so that two at once do not each leave the other as the last way in.
      const [user] = await db
        .select({ password_hash: users.password_hash })
        .from(users)
        .where(eq(users.id, user_id))
        .for('update')
      const removed = await db
        .delete(oauthAccounts)
        .where(and(eq(oauthAccounts.id, id), eq(oauthAccounts.user_id, user_id)))
        .returning({ id: oauthAccounts.id })
      if (removed.length === 0) throw new AppError('not_found', 'Account not found')
      if (!user?.password_hash && (await countOtherWays(db, user_id)) === 0)
        throw new AppError('bad_request', 'This is your last way to log in; set a password or add a passkey first')
      await recordAccountChange(this.#parts, db, user_id, { action: 'oauth_unlinked' })
    })
  }
}

async function countOtherWays(db: Db, user_id: number): Promise<number> {
  const counts = await Promise.all(
    [oauthAccounts, passkeys].map((table) => db.select({ n: count() }).from(table).where(eq(table.user_id, user_id))),
  )
  return counts.flat().reduce((sum, { n }) => sum + n, 0)
}

type Found = Pick<typeof users.$inferSelect, 'id' | 'is_active' | 'is_deleted' | 'is_verified'>
const { id, is_active, is_deleted, is_verified } = users

async function findLinked(db: Db, provider: string, subject: string): Promise<Found | undefined> {
  const [found] = await db
    .select({ id, is_active, is_deleted, is_verified })
    .from(oauthAccounts)
    .innerJoin(users, eq(users.id, oauthAccounts.user_id))
    .where(and(eq(oauthAccounts.provider, provider), eq(oauthAccounts.subject, subject)))
  return found
}

async function findOwner(db: Db, email: string): Promise<Found | undefined> {
  const [found] = await db
    .select({ id, is_active, is_deleted, is_verified })
    .from(users)
    .where(and(eq(sql`lower(${users.email})`, email.toLowerCase()), users.owns_email))
  return found
}

/** @throws AppError `oauth_failed` */
function usable(user: Found, condition = true): number {
  if (!condition || !user.is_active || user.is_deleted) throw new AppError('oauth_failed', REFUSED)
  return user.id
}

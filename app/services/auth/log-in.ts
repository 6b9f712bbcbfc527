import { desc, eq, not, or, sql } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import { verifyDummy, verifyPassword } from '../../core/passwords.ts'
import type { Db } from '../../db/session.ts'
import { users } from '../../models/index.ts'
import { demandUnlocked, recordFailure } from './lockout.ts'
import { type AuthParts, trusted } from './parts.ts'
import { type Proof, demandSecondFactor } from './second-factor.ts'
import { SessionService } from './sessions.ts'

export interface Attempt extends Proof {
  /** Username or e-mail address */
  username: string
  password: string
}

type Candidate = Pick<typeof users.$inferSelect, 'id' | 'password_hash'>
// A name that one account owns others may have too, unknown to each other; who types the password says which is meant.
const MOST_CANDIDATES = 4

/**
 * Starts a session by password. An unknown user takes as long, and gets the same answer, as a wrong password; so does an
 * inactive one. That an account is locked, or needs a second factor, is told only to who knows its password.
 * @throws AppError `invalid_credentials`, `account_locked`, `two_factor_required`, `invalid_two_factor_code`, `overloaded`
 */
export async function logIn(parts: AuthParts, { username, password, ...proof }: Attempt) {
  const candidates = await trusted(parts, (db) => findCandidates(db, username))
  // One attempt at a time on an account: many at once would all be made before the first failure is counted.
  // An unknown name waits as a known one does: else the queue would tell them apart.
  return parts.turns.run(candidates[0]?.id ?? username.toLowerCase(), async () => {
    const account = await matching(candidates, password)
    if (!account) return fail(parts, candidates)
    await trusted(parts, (db) => demandUnlocked(db, account.id))
    await demandSecondFactor(parts, account.id, proof)
    return new SessionService(parts).start(account.id, account)
  })
}

/** Counted in a transaction of its own: the refusal must not undo it. An unknown user costs the same. */
async function fail(parts: AuthParts, accounts: Candidate[]): Promise<never> {
  const ids = accounts.map(({ id }) => id)
  await trusted(parts, (db) => recordFailure(db, ids))
  throw new AppError('invalid_credentials')
}

/** The accounts that a name may mean, those that own it first. */
function findCandidates(db: Db, name: string): Promise<Candidate[]> {
  const text = name.toLowerCase()
  const byUsername = eq(sql`lower(${users.username})`, text)
  const byEmail = eq(sql`lower(${users.email})`, text)
  // Somebody's username may look like another's e-mail address: then the username's owner is meant.
  return db
    .select({ id: users.id, password_hash: users.password_hash })
    .from(users)
    .where(sql`(${or(byUsername, byEmail)}) and ${not(users.is_deleted)}`)
    .orderBy(
      desc(sql`${byUsername} and ${users.owns_username}`),
      desc(sql`${byEmail} and ${users.owns_email}`),
      users.id,
    )
    .limit(MOST_CANDIDATES)
}

/** The first of them whose password it is. All are tried, at the same time, so that time tells nothing of how many there are. */
async function matching(candidates: Candidate[], password: string): Promise<Candidate | undefined> {
  if (candidates.length === 0) return void (await verifyDummy(password))
  const matches = await Promise.all(candidates.map(({ password_hash }) => verifyOrDummy(password_hash, password)))
  return candidates.find((_, index) => matches[index])
}

/** An account without a password takes as long as one with. */
const verifyOrDummy = (password_hash: string, password: string) =>
  password_hash ? verifyPassword(password_hash, password) : verifyDummy(password)

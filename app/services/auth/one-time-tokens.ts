import { randomBytes } from 'node:crypto'
import { and, eq, gt, lt, sql } from 'drizzle-orm'
import { fingerprint } from '../../core/tokens.ts'
import type { Db } from '../../db/session.ts'
import { oneTimeTokens as tokens } from '../../models/index.ts'

/** What a token may be used for; one made for a purpose is good for no other. */
export type Purpose = 'password_reset' | 'email_verification' | 'passkey' | 'oauth_state' | 'oauth_log_in'

interface Issue {
  purpose: Purpose
  user_id?: number | null
  data?: Record<string, unknown>
  minutes: number
}

/** Makes a token: 256 random bits, kept as a hash. Those that have expired are cleared away meanwhile. */
export async function issueToken(db: Db, { purpose, user_id, data, minutes }: Issue): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await db.delete(tokens).where(lt(tokens.expires_at, sql`now()`))
  await db.insert(tokens).values({
    token_hash: fingerprint(token),
    purpose,
    user_id,
    data,
    expires_at: new Date(Date.now() + minutes * 60_000).toISOString(),
  })
  return token
}

interface Meaning {
  user_id: number | null
  data: Record<string, unknown>
}

const isGood = (purpose: Purpose, token: string) =>
  and(eq(tokens.token_hash, fingerprint(token)), eq(tokens.purpose, purpose), gt(tokens.expires_at, sql`now()`))
const meaning = { user_id: tokens.user_id, data: tokens.data }

/** What a token stands for, and leaves it usable: for a check that comes before its use. */
export async function peekToken(db: Db, purpose: Purpose, token: string): Promise<Meaning | undefined> {
  const [found] = await db.select(meaning).from(tokens).where(isGood(purpose, token))
  return found
}

/** Uses a token up and returns what it stands for; undefined when it is unknown, used or expired. Of two at once one gets it. */
export async function consumeToken(db: Db, purpose: Purpose, token: string): Promise<Meaning | undefined> {
  const [found] = await db.delete(tokens).where(isGood(purpose, token)).returning(meaning)
  return found
}

/** Makes a user's other tokens for a purpose worthless. */
export async function dropTokens(db: Db, purpose: Purpose, user_id: number): Promise<void> {
  await db.delete(tokens).where(and(eq(tokens.purpose, purpose), eq(tokens.user_id, user_id)))
}

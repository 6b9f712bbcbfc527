import { lt, sql } from 'drizzle-orm'
import { fingerprint } from '../../core/tokens.ts'
import type { Db } from '../../db/session.ts'
import { oneTimeTokens as tokens } from '../../models/index.ts'

const PAUSE = 60_000 // milliseconds

/**
 * Whether a mail of a kind may go to somebody: one a minute, so that nobody floods a mailbox through us. Of several at
 * once one may. Remembered as a row that no token leads to, in the database: all processes count together.
 */
export async function mayMail(db: Db, kind: string, recipient: string | number): Promise<boolean> {
  const token_hash = fingerprint(`${kind} for ${recipient}`)
  const expires_at = new Date(Date.now() + PAUSE).toISOString()
  const begun = await db
    .insert(tokens)
    .values({ token_hash, purpose: 'mail_pause', expires_at })
    .onConflictDoUpdate({ target: tokens.token_hash, set: { expires_at }, setWhere: lt(tokens.expires_at, sql`now()`) })
    .returning({ token_hash: tokens.token_hash })
  return begun.length > 0
}

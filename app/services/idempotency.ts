import { and, eq, lt, sql } from 'drizzle-orm'
import { AppError } from '../core/errors.ts'
import { idempotencyKeys as keys } from '../models/idempotency-key.ts'
import type { Db } from '../db/session.ts'
import type { Context } from './context.ts'

export interface StoredReply {
  status: number
  location: string | null
  body: string
}

/** Replies by key, each seen by its own user in its own company only, for 24 hours. */
export class IdempotencyService {
  readonly #ctx: Context

  constructor(ctx: Context) {
    this.#ctx = ctx
  }

  /**
   * Takes a key for this request, or returns the reply to the first request that took it. Waits while that one still
   * runs: PostgreSQL holds a second insert of the key back until the first is committed or undone.
   * @throws AppError `idempotency_mismatch` when the first was another request
   */
  async take(key: string, request_hash: string): Promise<StoredReply | undefined> {
    const { db } = this.#ctx
    const taken = await db
      .insert(keys)
      .values({ ...this.#owner(), key, request_hash })
      .onConflictDoUpdate({
        target: [keys.company_id, keys.user_id, keys.key],
        set: { request_hash, status: null, location: null, body: null, created_at: sql`now()`, updated_at: sql`now()` },
        setWhere: isExpired,
      })
      .returning({ id: keys.id })
    if (taken.length > 0) return undefined
    const [first] = await db.select().from(keys).where(this.#is(key))
    if (first?.request_hash !== request_hash) throw new AppError('idempotency_mismatch')
    return { status: first.status ?? 200, location: first.location, body: first.body ?? '' }
  }

  async remember(key: string, reply: StoredReply): Promise<void> {
    await this.#ctx.db
      .update(keys)
      .set({ ...reply, updated_at: sql`now()` })
      .where(this.#is(key))
  }

  #is(key: string) {
    const { company_id, user_id } = this.#owner()
    return and(eq(keys.company_id, company_id), eq(keys.user_id, user_id), eq(keys.key, key))
  }

  #owner() {
    const { company_id, user } = this.#ctx
    if (company_id === null || !user) throw new TypeError('An idempotency key belongs to a user in a company')
    return { company_id, user_id: user.id }
  }
}

/** Removes the replies that nobody can ask for any more, of all companies. For trusted work. @returns how many */
export async function forgetReplies(db: Db): Promise<number> {
  return (await db.delete(keys).where(isExpired)).rowCount ?? 0
}

const isExpired = lt(keys.created_at, sql`now() - interval '24 hours'`)

import { type SQL, and, eq, isNull, or, sql } from 'drizzle-orm'
import type { Settings } from '../core/config.ts'
import { AppError } from '../core/errors.ts'
import { fingerprint, seal, unseal } from '../core/sealing.ts'
import type { Db } from '../db/session.ts'
import { idempotencyKeys as keys } from '../models/idempotency-key.ts'

export interface StoredReply {
  status: number
  location: string | null
  body: string
}

/** A key is one user's, in one company or in none. */
export interface KeyOwner {
  company_id: number | null
  user_id: number
}

const GOOD_FOR = sql`interval '24 hours'`
// Longer than any request takes: one without a reply by then has died with its process.
const LONGEST_REQUEST = sql`interval '5 minutes'`
const isOver = sql`${keys.created_at} < now() - ${GOOD_FOR}`

/** Replies by key for 24 hours, sealed. */
export class IdempotencyService {
  readonly #db: Db
  readonly #settings: Settings
  readonly #owner: KeyOwner

  constructor(db: Db, settings: Settings, owner: KeyOwner) {
    this.#db = db
    this.#settings = settings
    this.#owner = owner
  }

  /**
   * Takes a key for this request, or returns the reply to the first request that took it. Waits while that one still
   * runs in a transaction that took the key: PostgreSQL holds a second insert back until the first is committed or undone.
   * @throws AppError `idempotency_mismatch` when the first was another request; `conflict` while one that has committed its
   * key is at work
   */
  async take(key: string, request: string): Promise<StoredReply | undefined> {
    const request_hash = fingerprint(request, this.#settings)
    const taken = await this.#db
      .insert(keys)
      .values({ ...this.#owner, key, request_hash })
      .onConflictDoUpdate({
        target: [keys.company_id, keys.user_id, keys.key],
        set: { request_hash, status: null, location: null, body: null, created_at: sql`now()`, updated_at: sql`now()` },
        setWhere: or(isOver, and(isNull(keys.status), sql`${keys.created_at} < now() - ${LONGEST_REQUEST}`)),
      })
      .returning({ id: keys.id })
    if (taken.length > 0) return undefined
    const [first] = await this.#db.select().from(keys).where(this.#is(key))
    if (first && first.request_hash !== request_hash) throw new AppError('idempotency_mismatch')
    if (!first || first.status === null || first.body === null)
      throw new AppError('conflict', 'The first request with this Idempotency-Key is still at work; try again')
    return {
      status: first.status,
      location: first.location,
      body: unseal(first.body, this.#sealedFor(key), this.#settings),
    }
  }

  async remember(key: string, { status, location, body }: StoredReply): Promise<void> {
    await this.#db
      .update(keys)
      .set({ status, location, body: seal(body, this.#sealedFor(key), this.#settings), updated_at: sql`now()` })
      .where(this.#is(key))
  }

  /** Leaves a key free that was taken for a request which then failed. */
  async release(key: string): Promise<void> {
    await this.#db.delete(keys).where(and(this.#is(key), isNull(keys.status)))
  }

  #is(key: string): SQL | undefined {
    const { company_id, user_id } = this.#owner
    const inCompany = company_id === null ? isNull(keys.company_id) : eq(keys.company_id, company_id)
    return and(inCompany, eq(keys.user_id, user_id), eq(keys.key, key))
  }

  #sealedFor(key: string): string {
    return `idempotency key ${this.#owner.user_id} ${key}`
  }
}

/** Removes the replies that nobody can ask for any more, of all companies. For trusted work. @returns how many */
export async function forgetReplies(db: Db): Promise<number> {
  return (await db.delete(keys).where(isOver)).rowCount ?? 0
}

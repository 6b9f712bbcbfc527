import { and, eq, isNull, lt, or, sql } from 'drizzle-orm'
import { LRUCache } from 'lru-cache'
import { apiKeys } from '../../models/index.ts'
import { type AuthParts, trusted } from './parts.ts'

// A second more than the minute that the statement asks for, so that one a minute later never finds itself too early.
const REMEMBERED_MS = 61_000

/** Keeps when each API key was last used: for its owner, to the minute, in a statement that no request waits for. */
export class ApiKeyUses {
  readonly #parts: AuthParts
  readonly #noted = new LRUCache<string, true>({ max: 10_000, ttl: REMEMBERED_MS })

  constructor(parts: AuthParts) {
    this.#parts = parts
  }

  note(key_hash: string): void {
    if (this.#noted.has(key_hash)) return
    this.#noted.set(key_hash, true)
    this.#parts.background.run(() => this.#write(key_hash))
  }

  /** Writes this column alone: of the others a change is announced, and every process would forget the key's owner. */
  #write(key_hash: string) {
    const before = apiKeys.last_used_at
    const isDue = or(isNull(before), lt(before, sql`now() - interval '1 minute'`)) // other processes write it too
    return trusted(this.#parts, (db) =>
      db
        .update(apiKeys)
        .set({ last_used_at: sql`now()` })
        .where(and(eq(apiKeys.key_hash, key_hash), isDue)),
    )
  }
}

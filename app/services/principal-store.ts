import { LRUCache } from 'lru-cache'
import type { Settings } from '../core/config.ts'
import type { Engine, Listener } from '../db/engine.ts'
import type { Db } from '../db/session.ts'
import { trustedRead } from './context.ts'
import { isActiveCompany } from './membership.ts'
import { type Principal, loadApiKeyPrincipal, loadSessionPrincipal } from './principal.ts'

/** Told by the database, in the transaction that changes who may do what: the user's id, or `*` for everybody. */
const CHANNEL = 'fastvue_access'

/** What a token or key says whose it is. */
export type Credential = { session_id: string } | { key_hash: string }

/** One for each session and API key. */
export const keyOf = (credential: Credential): string =>
  'session_id' in credential ? credential.session_id : credential.key_hash

/**
 * The principals of live sessions and API keys, kept in this process. Every change that can alter one is announced by a
 * trigger in its own transaction; while this process cannot hear announcements, it keeps nothing.
 */
export class PrincipalStore {
  readonly #engine: Engine
  readonly #settings: Settings
  readonly #kept = new LRUCache<string, Principal>({ max: 10_000 })
  #listener: Listener | undefined
  readonly #hearers = new Set<(user_id: number | '*') => void>()
  // Counts announcements. A principal read before one must not be kept after it.
  #changes = 0
  /** How often a principal was kept here, and how often it had to be read. */
  hits = 0
  misses = 0

  constructor(engine: Engine, settings: Settings) {
    this.#engine = engine
    this.#settings = settings
  }

  async listen(): Promise<void> {
    this.#listener = await this.#engine.listen(
      CHANNEL,
      (payload) => this.#drop(payload),
      () => this.#drop('*'),
    )
  }

  async close(): Promise<void> {
    await this.#listener?.close()
  }

  /** Waits until this process has heard of every change that was committed before. */
  async caughtUp(): Promise<void> {
    await this.#listener?.caughtUp()
  }

  /** Calls back after each change that may alter what a user, or everybody (`*`), may do: ask for the principal again then. */
  onChange(hear: (user_id: number | '*') => void): void {
    this.#hearers.add(hear)
  }

  of(credential: Credential): Promise<Principal | undefined> {
    return 'session_id' in credential ? this.ofSession(credential.session_id) : this.ofApiKey(credential.key_hash)
  }

  /** Whether this process has not seen it used, or not for long. What it has seen was no guess, whatever became of it since. */
  isStrange(credential: Credential): boolean {
    return !this.#kept.has(keyOf(credential))
  }

  /** The principal of a session, or undefined when the session is over or its user inactive. */
  ofSession(session_id: string): Promise<Principal | undefined> {
    return this.#find(session_id, (db) => loadSessionPrincipal(db, session_id))
  }

  /** The principal of an API key, or undefined when it is none, has expired, or its owner is inactive. */
  ofApiKey(key_hash: string): Promise<Principal | undefined> {
    return this.#find(key_hash, (db) => loadApiKeyPrincipal(db, key_hash))
  }

  /** Whether a company exists and is active: superusers may enter companies they are no member of. */
  isActiveCompany(company_id: number): Promise<boolean> {
    return this.#read((db) => isActiveCompany(db, company_id))
  }

  #read<R>(work: (db: Db) => Promise<R>): Promise<R> {
    return trustedRead({ engine: this.#engine, settings: this.#settings }, work)
  }

  async #find(key: string, load: (db: Db) => Promise<Principal | undefined>): Promise<Principal | undefined> {
    const isCurrent = this.#listener?.isCurrent() ?? false
    const kept = isCurrent ? this.#kept.get(key) : undefined
    if (kept && kept.expires_at > Date.now()) {
      this.hits += 1
      return kept
    }
    this.misses += 1
    const before = this.#changes
    const principal = await this.#read(load)
    if (principal && isCurrent && this.#changes === before) this.#kept.set(key, principal)
    return principal
  }

  #drop(payload: string): void {
    this.#changes++
    if (payload === '*') this.#kept.clear()
    else for (const [key, { user }] of this.#kept.entries()) if (String(user.id) === payload) this.#kept.delete(key)
    for (const hear of this.#hearers) hear(payload === '*' ? '*' : Number(payload))
  }
}

import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import { LRUCache } from 'lru-cache'
import type { Settings } from '../core/config.ts'
import type { Engine, Listener } from '../db/engine.ts'
import { companies, sessions, users } from '../models/index.ts'
import { type CurrentUser, systemContext } from './context.ts'
import { type Membership, loadMemberships } from './membership.ts'

/** Who is behind a token, and what they may do where: all that a guard needs, without asking the database. */
export interface Principal {
  user: CurrentUser
  session_id: string
  memberships: ReadonlyMap<number, Membership>
}

/** Told by the database, in the transaction that changes who may do what: the user's id, or `*` for everybody. */
const CHANNEL = 'fastvue_access'

/**
 * The principals of live sessions, kept in this process. Every change that can alter one is announced by a trigger in
 * its own transaction; while this process cannot hear announcements, it keeps nothing.
 */
export class PrincipalStore {
  readonly #engine: Engine
  readonly #settings: Settings
  readonly #kept = new LRUCache<string, Principal>({ max: 10_000 })
  #listener: Listener | undefined
  // Counts announcements. A principal read before one must not be kept after it.
  #changes = 0

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

  /** The principal of a session, or undefined when the session is over or its user inactive. */
  async find(session_id: string): Promise<Principal | undefined> {
    const trusted = this.#listener?.trusted() ?? false
    const kept = trusted ? this.#kept.get(session_id) : undefined
    if (kept) return kept
    const before = this.#changes
    const principal = await this.#load(session_id)
    if (principal && trusted && this.#changes === before) this.#kept.set(session_id, principal)
    return principal
  }

  /** Whether a company exists and is active: superusers may enter companies they are no member of. */
  isActiveCompany(company_id: number): Promise<boolean> {
    return this.#system(async ({ db }) => {
      const found = await db
        .select({ id: companies.id })
        .from(companies)
        .where(and(eq(companies.id, company_id), companies.is_active))
      return found.length > 0
    })
  }

  #load(session_id: string): Promise<Principal | undefined> {
    return this.#system(async ({ db }) => {
      const live = and(
        eq(sessions.id, session_id),
        isNull(sessions.revoked_at),
        gt(sessions.expires_at, sql`now()`),
        users.is_active,
      )
      const [found] = await db
        .select({ user: users })
        .from(sessions)
        .innerJoin(users, eq(users.id, sessions.user_id))
        .where(live)
      if (!found) return undefined
      const { password_hash: _, ...user } = found.user
      return { user, session_id, memberships: await loadMemberships(db, user.id) }
    })
  }

  #system<R>(work: Parameters<typeof systemContext<R>>[1]): Promise<R> {
    return systemContext({ engine: this.#engine, settings: this.#settings, company_id: null, readOnly: true }, work)
  }

  #drop(payload: string): void {
    this.#changes++
    if (payload === '*') return this.#kept.clear()
    for (const [session_id, { user }] of this.#kept.entries())
      if (String(user.id) === payload) this.#kept.delete(session_id)
  }
}

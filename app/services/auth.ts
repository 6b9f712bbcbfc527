import { randomUUID } from 'node:crypto'
import { and, eq, isNull, or, sql } from 'drizzle-orm'
import { AppError } from '../core/errors.ts'
import { verifyDummy, verifyPassword } from '../core/passwords.ts'
import { type Claims, type Tokens, fingerprint } from '../core/tokens.ts'
import type { Settings } from '../core/config.ts'
import type { Engine } from '../db/engine.ts'
import { sessions, users } from '../models/index.ts'
import { type Context, type CurrentUser, systemContext } from './context.ts'
import { type Membership, loadMemberships } from './membership.ts'

/** Where a log-in comes from; kept with its session for its owner to recognise. */
export interface Device {
  ip_address: string
  user_agent: string | undefined
}

/**
 * Log-in and its tokens. Each call is a unit of work of its own, across companies: who someone is does not depend on one.
 */
export class AuthService {
  readonly #engine: Engine
  readonly #settings: Settings
  readonly #tokens: Tokens

  constructor(engine: Engine, settings: Settings, tokens: Tokens) {
    this.#engine = engine
    this.#settings = settings
    this.#tokens = tokens
  }

  /**
   * Starts a session. An unknown user takes as long, and gets the same answer, as a wrong password; so does an inactive one.
   * @throws AppError `invalid_credentials`
   */
  async login(username: string, password: string, device: Device) {
    const found = await this.#system(({ db }) => {
      const name = username.toLowerCase()
      return db
        .select()
        .from(users)
        .where(or(eq(sql`lower(${users.username})`, name), eq(sql`lower(${users.email})`, name)))
    })
    // A username may look like somebody else's e-mail address: then the username's owner is meant.
    const user = found.find((row) => row.username.toLowerCase() === username.toLowerCase()) ?? found[0]
    const correct = user ? await verifyPassword(user.password_hash, password) : await verifyDummy(password)
    if (!user || !correct || !user.is_active) throw new AppError('invalid_credentials')
    return this.#system((ctx) => this.#startSession(ctx, user, device))
  }

  /**
   * Exchanges a refresh token for new tokens. Each is good once: one that comes a second time was stolen from somebody,
   * so its session ends (RFC 9700 §4.14).
   * @throws AppError `not_authenticated`
   */
  async refresh(refresh_token: string) {
    const claims = this.#tokens.verify(refresh_token, 'refresh')
    const tokens = await this.#system(({ db }) => this.#rotate(db, claims, fingerprint(refresh_token)))
    if (!tokens) throw new AppError('not_authenticated', 'Invalid or expired token')
    return tokens
  }

  /** Ends a session: its tokens are refused from now on. */
  async logout(session_id: string): Promise<void> {
    await this.#system(({ db }) =>
      db
        .update(sessions)
        .set({ revoked_at: sql`now()` })
        .where(eq(sessions.id, session_id)),
    )
  }

  async #startSession({ db }: Context, user: CurrentUser, device: Device) {
    const memberships = [...(await loadMemberships(db, user.id)).values()]
    const company = currentCompany(user, memberships)
    const session = { id: randomUUID(), user_id: user.id, company_id: company?.id ?? null }
    const { refresh_hash, tokens } = this.#issue(session)
    const user_agent = device.user_agent?.slice(0, 500)
    await db
      .insert(sessions)
      .values({ ...session, ip_address: device.ip_address, user_agent, refresh_hash, expires_at: this.#expiry() })
    const [fresh] = await db
      .update(users)
      .set({ last_login_at: sql`now()` })
      .where(eq(users.id, user.id))
      .returning()
    return {
      ...tokens,
      user: { ...(fresh ?? user), current_company_id: session.company_id },
      companies: memberships,
      permissions: [...(company?.permissions ?? [])],
    }
  }

  async #rotate(db: Context['db'], { sid, sub }: Claims, presented: string) {
    const [session] = await db
      .select()
      .from(sessions)
      .where(and(eq(sessions.id, sid), isNull(sessions.revoked_at)))
      .for('update')
    if (!session || String(session.user_id) !== sub) return undefined
    const [user] = await db.select({ is_active: users.is_active }).from(users).where(eq(users.id, session.user_id))
    if (session.refresh_hash !== presented || !user?.is_active) {
      await db
        .update(sessions)
        .set({ revoked_at: sql`now()` })
        .where(eq(sessions.id, sid))
      return undefined
    }
    const { refresh_hash, tokens } = this.#issue(session)
    await db
      .update(sessions)
      .set({ refresh_hash, expires_at: this.#expiry(), updated_at: sql`now()` })
      .where(eq(sessions.id, sid))
    return tokens
  }

  #issue(session: { id: string; user_id: number; company_id: number | null }) {
    const claims = { sub: String(session.user_id), sid: session.id, company_id: session.company_id }
    const refresh_token = this.#tokens.sign({ ...claims, type: 'refresh' })
    const tokens = {
      access_token: this.#tokens.sign({ ...claims, type: 'access' }),
      refresh_token,
      token_type: 'bearer' as const,
      expires_in: this.#settings.ACCESS_TOKEN_EXPIRE_MINUTES * 60,
    }
    return { refresh_hash: fingerprint(refresh_token), tokens }
  }

  #expiry(): string {
    return new Date(Date.now() + this.#settings.REFRESH_TOKEN_EXPIRE_DAYS * 86_400_000).toISOString()
  }

  #system<R>(work: (ctx: Context) => Promise<R>): Promise<R> {
    return systemContext({ engine: this.#engine, settings: this.#settings, company_id: null }, work)
  }
}

/** The company a log-in starts in: where the user was last, else the default, else the first. */
function currentCompany(user: CurrentUser, memberships: Membership[]): Membership | undefined {
  return (
    memberships.find((m) => m.id === user.current_company_id) ?? memberships.find((m) => m.is_default) ?? memberships[0]
  )
}

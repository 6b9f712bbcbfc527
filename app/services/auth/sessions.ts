import { randomUUID } from 'node:crypto'
import { and, desc, eq, getColumns, gt, isNull, not, sql } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import { ALL_PERMISSIONS } from '../../core/permissions.ts'
import { type Claims, fingerprint } from '../../core/tokens.ts'
import type { Db } from '../../db/session.ts'
import { sessions, users } from '../../models/index.ts'
import { userProfiles } from '../../models/user.ts'
import { ActivityCategory, ActivityLevel } from '../../models/activity-log.ts'
import { aboutSession, recordLogIn } from '../activity/account.ts'
import { recordActivity } from '../activity/record.ts'
import type { CurrentUser } from '../context.ts'
import { type Membership, isActiveCompany, loadMemberships } from '../membership.ts'
import type { Principal } from '../principal.ts'
import { ownUser } from '../users/own-user.ts'
import { isLiveUser } from './live-user.ts'
import { type AuthParts, trusted } from './parts.ts'

const isLive = (session_id: string) => and(eq(sessions.id, session_id), isNull(sessions.revoked_at))
const DAY = 86_400_000
const LONGEST_SESSION_DAYS = 90
const ENDED = { revoked_at: sql`now()` }

/** Ends all sessions of a user, as a part of other work: from its commit on their tokens are refused everywhere. */
export async function endSessionsOf(db: Db, user_id: number): Promise<{ company_id: number | null }[]> {
  return db
    .update(sessions)
    .set(ENDED)
    .where(and(eq(sessions.user_id, user_id), isNull(sessions.revoked_at)))
    .returning({ company_id: sessions.company_id })
}

/** What somebody has shown to get a session. */
interface StartedBy {
  password_hash?: string
  /** `password`, `passkey`, or a provider's name */
  method?: string
}

// As the statement found it: a sub-select sees what was there before.
const FAILURES_BEFORE = sql<number>`(select u.failed_login_attempts from users u where u.id = users.id)`

/** Sessions and their tokens, for users who have shown who they are. */
export class SessionService {
  readonly #parts: AuthParts

  constructor(parts: AuthParts) {
    this.#parts = parts
  }

  /**
   * Starts a session of a user who has proven who they are, and forgets their failed attempts. Who has proven it by a
   * password names its hash: one that was replaced meanwhile, and its sessions ended, starts no more.
   * @throws AppError `invalid_credentials` when the user was switched off meanwhile, or the password replaced
   */
  start(user_id: number, { password_hash, method = 'password' }: StartedBy = {}) {
    return trusted(this.#parts, async (db) => {
      const [started] = await db
        .update(users)
        .set({ last_login_at: sql`now()`, failed_login_attempts: 0, locked_until: null })
        .where(
          and(
            eq(users.id, user_id),
            users.is_active,
            not(users.is_deleted),
            password_hash === undefined ? undefined : eq(users.password_hash, password_hash),
          ),
        )
        .returning({ ...getColumns(userProfiles), failures: FAILURES_BEFORE })
      if (!started) throw new AppError('invalid_credentials')
      const { failures, ...user } = started
      const memberships = [...(await loadMemberships(db, user.id)).values()]
      const company = currentCompany(user, memberships)
      const session = { id: randomUUID(), user_id, company_id: company?.id ?? null }
      const { refresh_hash, tokens } = this.#issue(session)
      const { ip_address, user_agent } = this.#parts.origin ?? {} // kept for its owner to recognise
      await db.insert(sessions).values({ ...session, ip_address, user_agent, refresh_hash, expires_at: this.#expiry() })
      const entered = { session_id: session.id, company_id: session.company_id }
      await recordLogIn(db, { user, ...entered, method, failures })
      return {
        ...tokens,
        user: await ownUser(db, user, session.company_id),
        companies: memberships,
        permissions: [...(user.is_superuser ? ALL_PERMISSIONS : (company?.permissions ?? []))],
      }
    })
  }

  /**
   * Exchanges a refresh token for new tokens. Each is good once: one that comes a second time was stolen from somebody,
   * so its session ends (RFC 9700 §4.14).
   * @throws AppError `not_authenticated`
   */
  async refresh(refresh_token: string) {
    const claims = this.#parts.tokens.verify(refresh_token, 'refresh')
    const tokens = await trusted(this.#parts, (db) => this.#rotate(db, claims, fingerprint(refresh_token)))
    if (!tokens) throw new AppError('not_authenticated', 'Invalid or expired token')
    return tokens
  }

  /** New tokens of the same session, in another company. @throws AppError `company_forbidden` */
  switchCompany({ user, session_id, memberships }: Principal, company_id: number) {
    return trusted(this.#parts, async (db) => {
      const permitted = memberships.has(company_id) || (user.is_superuser && (await isActiveCompany(db, company_id)))
      if (!permitted || session_id === null) throw new AppError('company_forbidden')
      const { refresh_hash, tokens } = this.#issue({ id: session_id, user_id: user.id, company_id })
      const moved = await db
        .update(sessions)
        .set({ company_id, refresh_hash, updated_at: sql`now()` })
        .where(isLive(session_id))
        .returning({ id: sessions.id })
      if (moved.length === 0) throw new AppError('not_authenticated', 'Invalid or expired token')
      await db.update(users).set({ current_company_id: company_id }).where(eq(users.id, user.id))
      await recordActivity(db, [{ ...aboutSession(user.id, { id: session_id, company_id }), action: 'switch_company' }])
      return tokens
    })
  }

  /** A user's live sessions, the newest first. */
  list(user_id: number, current: string | null) {
    const { id, ip_address, user_agent, created_at, updated_at, expires_at } = sessions
    return trusted(this.#parts, async (db) => {
      const rows = await db
        .select({ id, ip_address, user_agent, created_at, last_used_at: updated_at, expires_at })
        .from(sessions)
        .where(and(eq(sessions.user_id, user_id), isNull(sessions.revoked_at), gt(expires_at, sql`now()`)))
        .orderBy(desc(created_at), desc(id))
        .limit(200)
      return rows.map((row) => ({ ...row, is_current: row.id === current }))
    })
  }

  /** Ends one of a user's sessions: its tokens are refused from now on. @throws AppError `not_found` */
  async end(user_id: number, session_id: string): Promise<void> {
    const own = this.#parts.origin?.session_id === session_id
    const ended = await trusted(this.#parts, async (db) => {
      const rows = await db
        .update(sessions)
        .set(ENDED)
        .where(and(isLive(session_id), eq(sessions.user_id, user_id)))
        .returning({ id: sessions.id, company_id: sessions.company_id })
      const action = own ? 'logout' : 'session_ended'
      await recordActivity(
        db,
        rows.map((row) => ({ ...aboutSession(user_id, row), action })),
      )
      return rows
    })
    if (ended.length === 0) throw new AppError('not_found', 'Session not found')
  }

  /** Ends all of a user's sessions. */
  endAll(user_id: number): Promise<void> {
    return trusted(this.#parts, async (db) => {
      // Each company is told of the sessions in it, and of no other.
      const ended = await endSessionsOf(db, user_id)
      const companies = [...new Set(ended.map(({ company_id }) => company_id))]
      await recordActivity(
        db,
        companies.map((company_id) => ({ ...aboutSession(user_id, { company_id }), action: 'logout_all' })),
      )
    })
  }

  async #rotate(db: Db, { sid, sub }: Claims, presented: string) {
    const lasts = gt(sessions.expires_at, sql`now()`)
    const [session] = await db
      .select()
      .from(sessions)
      .where(and(isLive(sid), lasts))
      .for('update')
    if (!session || String(session.user_id) !== sub) return undefined
    const [user] = await db
      .select({ id: users.id })
      .from(users)
      .where(and(eq(users.id, session.user_id), isLiveUser))
    if (session.refresh_hash !== presented || !user) {
      await db.update(sessions).set(ENDED).where(isLive(sid))
      await recordActivity(db, [
        {
          ...aboutSession(session.user_id, session),
          action: 'refresh_token_reused',
          category: ActivityCategory.SECURITY,
          level: ActivityLevel.WARNING,
          success: false,
        },
      ])
      return undefined
    }
    const { refresh_hash, tokens } = this.#issue(session)
    await db
      .update(sessions)
      .set({ refresh_hash, expires_at: this.#expiry(session.created_at), updated_at: sql`now()` })
      .where(eq(sessions.id, sid))
    return tokens
  }

  #issue(session: { id: string; user_id: number; company_id: number | null }) {
    const { tokens, settings } = this.#parts
    const claims = { sub: String(session.user_id), sid: session.id, company_id: session.company_id }
    const refresh_token = tokens.sign({ ...claims, type: 'refresh' })
    return {
      refresh_hash: fingerprint(refresh_token),
      tokens: {
        access_token: tokens.sign({ ...claims, type: 'access' }),
        refresh_token,
        token_type: 'bearer' as const,
        expires_in: settings.ACCESS_TOKEN_EXPIRE_MINUTES * 60,
      },
    }
  }

  /** As long as a refresh token is good for; but however often it is exchanged, a session ends (OWASP ASVS 5.0, 7.3.2). */
  #expiry(begun?: string): string {
    const next = Date.now() + this.#parts.settings.REFRESH_TOKEN_EXPIRE_DAYS * DAY
    const last = (begun ? Date.parse(begun) : Date.now()) + LONGEST_SESSION_DAYS * DAY
    return new Date(Math.min(next, last)).toISOString()
  }
}

/** The company a log-in starts in: where the user was last, else the default, else the first. */
function currentCompany(user: CurrentUser, memberships: Membership[]): Membership | undefined {
  return (
    memberships.find((m) => m.id === user.current_company_id) ?? memberships.find((m) => m.is_default) ?? memberships[0]
  )
}

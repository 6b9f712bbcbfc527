import { and, eq, getColumns, gt, isNull, not, or, sql } from 'drizzle-orm'
import { allows } from '../core/permissions.ts'
import type { Db } from '../db/session.ts'
import { apiKeys, companies, sessions } from '../models/index.ts'
import { userProfiles } from '../models/user.ts'
import type { CurrentUser } from './context.ts'
import { type Membership, loadMemberships } from './membership.ts'

/** Who is behind a token, and what they may do where: all that a guard needs, without asking the database. */
export interface Principal {
  user: CurrentUser
  /** Null for an API key. */
  session_id: string | null
  /** Of an API key: the one company it is for. A token names its own. */
  company_id: number | null
  /** May do everything everywhere. Never true of an API key, which can do what it lists and no more. */
  is_superuser: boolean
  memberships: ReadonlyMap<number, Membership>
  /** Milliseconds; infinite for a key that never expires. A token may end before its session does. */
  expires_at: number
}

const NONE: ReadonlySet<string> = new Set()
const isLive = and(userProfiles.is_active, not(userProfiles.is_deleted))
const profile = getColumns(userProfiles)

/** Who is logged in by a session that has neither ended nor expired. */
export async function loadSessionPrincipal(db: Db, session_id: string): Promise<Principal | undefined> {
  const [found] = await db
    .select({ user: profile, ends: sessions.expires_at })
    .from(sessions)
    .innerJoin(userProfiles, eq(userProfiles.id, sessions.user_id))
    .where(and(eq(sessions.id, session_id), isNull(sessions.revoked_at), gt(sessions.expires_at, sql`now()`), isLive))
  if (!found) return undefined
  const { user, ends } = found
  const memberships = await loadMemberships(db, user.id)
  const expires_at = Date.parse(ends)
  return { user, session_id, company_id: null, is_superuser: user.is_superuser, memberships, expires_at }
}

/**
 * Who works by an API key: its owner, in the key's company alone, with those of its permissions that the owner has there
 * now. Of a superuser's key that is all it lists.
 */
export async function loadApiKeyPrincipal(db: Db, key_hash: string): Promise<Principal | undefined> {
  const [found] = await db
    .select({ user: profile, key: apiKeys, company: companies })
    .from(apiKeys)
    .innerJoin(userProfiles, eq(userProfiles.id, apiKeys.user_id))
    .innerJoin(companies, and(eq(companies.id, apiKeys.company_id), companies.is_active))
    .where(
      and(eq(apiKeys.key_hash, key_hash), or(isNull(apiKeys.expires_at), gt(apiKeys.expires_at, sql`now()`)), isLive),
    )
  if (!found) return undefined
  const { user, key, company } = found
  const listed = new Set(key.permissions)
  const owned = (await loadMemberships(db, user.id)).get(company.id)
  if (!owned && !user.is_superuser) return undefined
  const membership: Membership = {
    id: company.id,
    code: company.code,
    name: company.name,
    is_default: true,
    roles: [], // a key has no role: `requireRoles` is for people
    permissions: user.is_superuser ? listed : common(listed, owned?.permissions ?? NONE),
  }
  return {
    // Services ask the user, too. When its owner was last here may have been at another company's: a key is of one.
    user: { ...user, is_superuser: false, last_login_at: null },
    session_id: null,
    company_id: company.id,
    is_superuser: false,
    memberships: new Map([[company.id, membership]]),
    expires_at: key.expires_at === null ? Infinity : Date.parse(key.expires_at),
  }
}

/** What both sets allow: of `product.manage` and `product.read`, the latter. */
function common(one: ReadonlySet<string>, other: ReadonlySet<string>): ReadonlySet<string> {
  const inBoth = [...one].filter((name) => allows(other, name))
  return new Set([...inBoth, ...[...other].filter((name) => allows(one, name))])
}

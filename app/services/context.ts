import type { InferSelectModel } from 'drizzle-orm'
import { type Cache, memoryCache } from '../core/cache.ts'
import type { Settings } from '../core/config.ts'
import { currentRequestId } from '../core/current-request.ts'
import { AppError } from '../core/errors.ts'
import { ALL_PERMISSIONS } from '../core/permissions.ts'
import type { Engine } from '../db/engine.ts'
import { type Actor, NOBODY } from '../db/scope.ts'
import { type Db, type UnitOfWork, inUnitOfWork } from '../db/session.ts'
import type { userProfiles } from '../models/user.ts'
import type { Membership } from './membership.ts'

export type CurrentUser = InferSelectModel<typeof userProfiles>

/** Who works, and what they may do where. */
interface Who {
  /** Null for trusted work that no user asked for. */
  user: CurrentUser | null
  session_id: string | null
  /** May do everything everywhere: a superuser by their own log-in but not by an API key; trusted work that nothing bounds. */
  is_superuser: boolean
  /** The user's companies by id, and what they may do in each. */
  memberships: ReadonlyMap<number, Membership>
}

/** The same in one company. */
export interface Standing extends Who {
  company_id: number | null
  /** What may be done in `company_id`; everything, for who may do everything everywhere. */
  permissions: ReadonlySet<string>
}

/** What a service works with: made once per request (or piece of work), and the only handle on anything it has. */
export interface Context extends Standing {
  /** A transaction that sees the rows of `company_id` and no others; opened at its first statement. */
  db: Db
  settings: Settings
  cache: Cache
  /** A superuser works across all companies: `db` sees every row. */
  everywhere: boolean
  request_id: string
  /** Runs `work` as trusted work in the same transaction; see `UnitOfWork.trusted`. */
  trusted<R>(work: (db: Db) => Promise<R>): Promise<R>
  /** Runs `work` once the transaction is committed, never if it is not: mail, events, invalidation. */
  after_commit(work: () => unknown): void
}

export interface SystemScope {
  engine: Engine
  settings: Settings
  /** Defaults to one in memory that ends with the work. */
  cache?: Cache
  /** The company to work in. Null: trusted work across all companies, as `fastvue_system`. */
  company_id: number | null
  /** Done on behalf of somebody: no more than they may do in the company. Defaults to everything. */
  permissions?: ReadonlySet<string>
  readOnly?: boolean
  /** See `Scope.long`. */
  long?: boolean
  /** See `Scope.actor`. Defaults to nobody, for the current request. */
  actor?: Actor | undefined
  /** Defaults to that of the request or job that this is done for, if there is one. */
  request_id?: string
}

/** Runs trusted work (commands, jobs, log-in) in a transaction of its own; commits at the end, rolls back on any error. */
export function systemContext<R>(scope: SystemScope, work: (ctx: Context) => Promise<R>): Promise<R> {
  const { engine, settings, company_id, permissions = ALL_PERMISSIONS, readOnly, long } = scope
  const current = scope.request_id ?? currentRequestId()
  const request_id = current ?? crypto.randomUUID()
  const isTold = current !== undefined && !readOnly
  const actor = scope.actor ?? (isTold ? { ...NOBODY, request_id } : undefined)
  const cache = scope.cache ?? memoryCache(settings.CACHE_DEFAULT_TTL)
  const role = company_id === null ? 'fastvue_system' : 'fastvue_app'
  const is_superuser = scope.permissions === undefined
  const nobody = { user: null, session_id: null, is_superuser, memberships: new Map(), everywhere: false }
  return inUnitOfWork(engine, { role, company_id, readOnly, long, actor }, (unit) =>
    work(createContext(unit, { ...nobody, settings, cache, company_id, permissions, request_id })),
  )
}

/** Reads across all companies, as trusted work in a transaction of its own. */
export function trustedRead<R>(
  { engine, settings }: Pick<SystemScope, 'engine' | 'settings'>,
  work: (db: Db) => Promise<R>,
): Promise<R> {
  return systemContext({ engine, settings, company_id: null, readOnly: true }, ({ db }) => work(db))
}

/** Somebody in a company. Without an active membership they are in none and may do nothing; a superuser may be in any. */
export function standingIn({ user, session_id, is_superuser, memberships }: Who, company_id: number | null): Standing {
  const membership = membershipOf({ memberships, company_id })
  return {
    user,
    session_id,
    is_superuser,
    memberships,
    company_id: membership || is_superuser ? company_id : null,
    permissions: is_superuser ? ALL_PERMISSIONS : (membership?.permissions ?? NOTHING),
  }
}

/** What the user is in the company that is worked in: a superuser may be nothing there. */
export const membershipOf = ({ memberships, company_id }: Seat): Membership | undefined =>
  company_id === null ? undefined : memberships.get(company_id)

type Seat = Pick<Standing, 'memberships' | 'company_id'>

/** The company, for what is done in one. @throws AppError `no_company` */
export function demandCompany({ company_id }: Pick<Context, 'company_id'>): number {
  if (company_id === null) throw new AppError('no_company')
  return company_id
}

/** The id of who works, for what only a user does. @throws AppError `permission_denied` for work that no user asked for */
export function demandUser({ user }: Pick<Context, 'user'>): number {
  if (!user) throw new AppError('permission_denied', 'Only a user can do this')
  return user.id
}

const NOTHING: ReadonlySet<string> = new Set()

/** A context on a unit of work. */
export function createContext(unit: UnitOfWork, given: Omit<Context, 'db' | 'trusted' | 'after_commit'>): Context {
  return {
    ...given,
    get db() {
      return unit.db
    },
    trusted: (work) => unit.trusted(work),
    after_commit: (work) => unit.afterCommit(work),
  }
}

import type { InferSelectModel } from 'drizzle-orm'
import { type Cache, memoryCache } from '../core/cache.ts'
import type { Settings } from '../core/config.ts'
import { currentRequestId } from '../core/current-request.ts'
import { ALL_PERMISSIONS } from '../core/permissions.ts'
import type { Engine } from '../db/engine.ts'
import { type Actor, NOBODY, type Db, type UnitOfWork, inUnitOfWork } from '../db/session.ts'
import type { userProfiles } from '../models/user.ts'

export type CurrentUser = InferSelectModel<typeof userProfiles>

/** What a service works with: made once per request (or piece of work), and the only handle on anything it has. */
export interface Context {
  /** A transaction that sees the rows of `company_id` and no others; opened at its first statement. */
  db: Db
  settings: Settings
  cache: Cache
  /** Null for trusted work that no user asked for. */
  user: CurrentUser | null
  session_id: string | null
  company_id: number | null
  /** A superuser works across all companies: `db` sees every row. */
  everywhere: boolean
  /** What the user may do in `company_id`; everything, for trusted work that no user asked for. */
  permissions: ReadonlySet<string>
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
  const { engine, settings, company_id, readOnly, long } = scope
  const current = scope.request_id ?? currentRequestId()
  const request_id = current ?? crypto.randomUUID()
  const isTold = current !== undefined && !readOnly
  const actor = scope.actor ?? (isTold ? { ...NOBODY, request_id } : undefined)
  const cache = scope.cache ?? memoryCache(settings.CACHE_DEFAULT_TTL)
  const role = company_id === null ? 'fastvue_system' : 'fastvue_app'
  // Nobody asks for it, so nobody's permissions bound it.
  const nobody = { user: null, session_id: null, everywhere: false, permissions: ALL_PERMISSIONS }
  return inUnitOfWork(engine, { role, company_id, readOnly, long, actor }, (unit) =>
    work(createContext(unit, { ...nobody, settings, cache, company_id, request_id })),
  )
}

/** Reads across all companies, as trusted work in a transaction of its own. */
export function trustedRead<R>(
  { engine, settings }: Pick<SystemScope, 'engine' | 'settings'>,
  work: (db: Db) => Promise<R>,
): Promise<R> {
  return systemContext({ engine, settings, company_id: null, readOnly: true }, ({ db }) => work(db))
}

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

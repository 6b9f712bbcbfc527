import type { Settings } from '../core/config.ts'
import type { Engine } from '../db/engine.ts'
import { type Db, type UnitOfWork, inUnitOfWork } from '../db/session.ts'

/** The user a request acts for. */
export interface CurrentUser {
  id: number
  email: string
  username: string
  full_name: string | null
  is_superuser: boolean
  is_active: boolean
}

/** What a service works with: made once per request (or piece of work), and the only handle on anything it has. */
export interface Context {
  /** A transaction that sees the rows of `company_id` and no others; opened at its first statement. */
  db: Db
  settings: Settings
  /** Null for trusted work that no user asked for. */
  user: CurrentUser | null
  session_id: string | null
  company_id: number | null
  permissions: ReadonlySet<string>
  request_id: string
  /** Runs `work` once the transaction is committed, never if it is not: mail, events, invalidation. */
  after_commit(work: () => unknown): void
}

export interface SystemScope {
  engine: Engine
  settings: Settings
  /** The company to work in. Null: trusted work across all companies, as `fastvue_system`. */
  company_id: number | null
  /** Defaults to a new one. */
  request_id?: string
}

/** Runs trusted work (commands, jobs, log-in) in a transaction of its own; commits at the end, rolls back on any error. */
export function systemContext<R>(scope: SystemScope, work: (ctx: Context) => Promise<R>): Promise<R> {
  const { engine, settings, company_id, request_id = crypto.randomUUID() } = scope
  const role = company_id === null ? 'fastvue_system' : 'fastvue_app'
  return inUnitOfWork(engine, { role, company_id }, (unit) =>
    work(contextOf(unit, { settings, company_id, request_id })),
  )
}

function contextOf(unit: UnitOfWork, given: Pick<Context, 'settings' | 'company_id' | 'request_id'>): Context {
  return {
    ...given,
    db: unit.db,
    user: null,
    session_id: null,
    permissions: new Set(),
    after_commit: (work) => unit.afterCommit(work),
  }
}

import { memoryCache } from '../../app/core/cache.ts'
import type { Settings } from '../../app/core/config.ts'
import { SYSTEM_ROLES } from '../../app/core/permissions.ts'
import type { Engine } from '../../app/db/engine.ts'
import { UnitOfWork, inUnitOfWork } from '../../app/db/session.ts'
import { type Context, createContext } from '../../app/services/context.ts'
import type { TestUser } from './baseline.ts'

/** A unit of work as a request of this user would have it, in their company. */
export const openUnit = (engine: Engine, { company_id }: TestUser): UnitOfWork =>
  new UnitOfWork(engine, { role: 'fastvue_app', company_id })

/** What a service gets in a request of this user: their company and what their role permits there. */
export function contextOf(unit: UnitOfWork, settings: Settings, user: TestUser): Context {
  const role = SYSTEM_ROLES.find(({ codename }) => codename === user.role)
  return createContext(unit, {
    settings,
    cache: memoryCache(settings.CACHE_DEFAULT_TTL),
    user,
    session_id: null,
    everywhere: false,
    company_id: user.company_id,
    permissions: new Set(role?.permissions),
    request_id: crypto.randomUUID(),
  })
}

export type WorkAs = <R>(user: TestUser, work: (ctx: Context) => Promise<R>) => Promise<R>

/** Runs services as commands and jobs do, across companies. */
export type Trusted = <R>(work: (ctx: Context) => Promise<R>) => Promise<R>

/** Runs services as a request of a user would: in a transaction of their own that commits, or rolls back on any error. */
export const workAs =
  (engine: Engine, settings: Settings): WorkAs =>
  (user, work) =>
    inUnitOfWork(engine, openUnit(engine, user).scope, (unit) => work(contextOf(unit, settings, user)))

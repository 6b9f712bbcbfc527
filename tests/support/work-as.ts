import { memoryCache } from '../../app/core/cache.ts'
import type { Settings } from '../../app/core/config.ts'
import { SYSTEM_ROLES } from '../../app/core/permissions.ts'
import type { Engine } from '../../app/db/engine.ts'
import { UnitOfWork, inUnitOfWork } from '../../app/db/session.ts'
import { type Context, createContext, standingIn } from '../../app/services/context.ts'
import type { TestUser } from './baseline.ts'

/** A unit of work as a request of this user would have it, in their company. */
export const openUnit = (engine: Engine, { company_id }: TestUser): UnitOfWork =>
  new UnitOfWork(engine, { role: 'fastvue_app', company_id })

/** What a service gets in a request of this user: their company and what their role permits there. */
export function contextOf(unit: UnitOfWork, settings: Settings, user: TestUser): Context {
  const { is_superuser, company_id } = user
  return createContext(unit, {
    ...standingIn({ user, session_id: null, is_superuser, memberships: membershipsOf(user) }, company_id),
    settings,
    cache: memoryCache(settings.CACHE_DEFAULT_TTL),
    everywhere: false,
    request_id: crypto.randomUUID(),
  })
}

function membershipsOf({ company_id: id, role: codename }: TestUser): Context['memberships'] {
  if (id === null) return new Map()
  const permissions = new Set<string>(SYSTEM_ROLES.find((role) => role.codename === codename)?.permissions)
  return new Map([[id, { id, code: '', name: '', is_default: true, roles: codename ? [codename] : [], permissions }]])
}

export type WorkAs = <R>(user: TestUser, work: (ctx: Context) => Promise<R>) => Promise<R>

/** Runs services as commands and jobs do, across companies. */
export type Trusted = <R>(work: (ctx: Context) => Promise<R>) => Promise<R>

/** Runs services as a request of a user would: in a transaction of their own that commits, or rolls back on any error. */
export const workAs =
  (engine: Engine, settings: Settings): WorkAs =>
  (user, work) =>
    inUnitOfWork(engine, openUnit(engine, user).scope, (unit) => work(contextOf(unit, settings, user)))

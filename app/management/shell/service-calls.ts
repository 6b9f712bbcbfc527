import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { BaseCRUDService } from '../../services/base.ts'
import { ActingUser } from './acting-user.ts'
import type { Context } from '../../services/context.ts'

type Service = Record<string, (...args: unknown[]) => Promise<unknown>>
type ServiceClass = new (ctx: Context) => Service

/** Every service of `app/services`, by class name, for use on what `as(user, company)` gives. */
export async function loadServices(directory: string): Promise<Record<string, ServiceClass>> {
  const folder = join(directory, 'app', 'services')
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts'))
  const modules = await Promise.all(files.map((file) => import(`../../services/${basename(file, '.ts')}.ts`)))
  const exported = modules.flatMap((module) => Object.values(module as Record<string, unknown>))
  return Object.fromEntries(exported.filter(isService).map((Service) => [Service.name, callByCall(Service)]))
}

const isService = (value: unknown): value is ServiceClass =>
  typeof value === 'function' && value.prototype instanceof BaseCRUDService

/** On an acting user each call of the service is a transaction of its own; on a context it is the service as it is. */
function callByCall(Service: ServiceClass): ServiceClass {
  return new Proxy(Service, {
    construct(_, [on]: [ActingUser | Context]) {
      if (!(on instanceof ActingUser)) return new Service(on)
      return new Proxy(Object.create(Service.prototype) as Service, {
        get(methods, name: string) {
          if (typeof methods[name] !== 'function' || name === 'constructor') return methods[name]
          return (...args: unknown[]) => on.transaction(async (ctx) => new Service(ctx)[name]?.(...args))
        },
      })
    },
  })
}

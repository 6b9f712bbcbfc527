import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ActingUser } from './acting-user.ts'
import type { Context } from '../../services/context.ts'

type Service = Record<string, (...args: unknown[]) => Promise<unknown>>
type ServiceClass = new (ctx: Context) => Service

/** A service is an exported class that is made of a context alone, `constructor(ctx: Context)`, or inherits that. */
const MADE_OF_CONTEXT = /\bconstructor\(ctx\b[^,)]*\)/
/** Only such files are read in: the others would cost a second of each start. */
const MAY_HOLD_SERVICE = new RegExp(`^export class \\w+ extends|${MADE_OF_CONTEXT.source}`, 'm')

/** Every service below `app/services`, by class name, for use on what `as(user, company)` gives. */
export async function loadServices(): Promise<Record<string, ServiceClass>> {
  const folder = join(import.meta.dirname, '../../services')
  const files = globSync('**/*.ts', { cwd: folder })
  const holding = files.filter((file) => MAY_HOLD_SERVICE.test(readFileSync(join(folder, file), 'utf8')))
  const modules = await Promise.all(holding.map((file) => import(pathToFileURL(join(folder, file)).href)))
  const exported = modules.flatMap((module) => Object.values(module as Record<string, unknown>))
  return Object.fromEntries(exported.filter(isService).map((Service) => [Service.name, callByCall(Service)]))
}

function isService(value: unknown): value is ServiceClass {
  if (typeof value !== 'function') return false
  const source = String(value)
  return source.includes('constructor(') ? MADE_OF_CONTEXT.test(source) : isService(Object.getPrototypeOf(value))
}

/** On an acting user each call of the service is a transaction of its own; on a context it is the service as it is. */
function callByCall(Service: ServiceClass): ServiceClass {
  return new Proxy(Service, {
    get(_, name) {
      const member: unknown = Reflect.get(Service, name)
      if (typeof member !== 'function') return member
      return (on: unknown, ...args: unknown[]) => {
        const call = (ctx: unknown) => member.call(Service, ctx, ...args)
        return on instanceof ActingUser ? on.transaction(call) : call(on)
      }
    },
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

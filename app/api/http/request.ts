import type { Cache } from '../../core/cache.ts'
import type { Claims, Tokens } from '../../core/tokens.ts'
import type { Settings } from '../../core/config.ts'
import type { Engine } from '../../db/engine.ts'
import type { UnitOfWork } from '../../db/session.ts'
import type { AuthService } from '../../services/auth.ts'
import type { Context } from '../../services/context.ts'
import type { Principal, PrincipalStore } from '../../services/principal.ts'
import type { App } from './type-provider.ts'

declare module 'fastify' {
  interface FastifyInstance {
    settings: Settings
    engine: Engine
    cache: Cache
    tokens: Tokens
    principals: PrincipalStore
    auth: AuthService
  }
  interface FastifyRequest {
    /** Set by a guard: the token's claims, who they are, and what the handler works with. */
    claims: Claims
    principal: Principal
    ctx: Context
    unit: UnitOfWork | undefined
    idempotencyKey: string | undefined
  }
  interface FastifyContextConfig {
    /** What a route's guard asks for; undefined on a public route. */
    permissions?: readonly string[]
  }
}

/** Declares the request's fields up front, so that all requests have one shape and stay fast. */
export function decorateRequests(app: App): void {
  for (const field of ['claims', 'principal', 'ctx']) app.decorateRequest(field, null as never)
  for (const field of ['unit', 'idempotencyKey']) app.decorateRequest(field, undefined as never)
}

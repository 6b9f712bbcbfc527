import type { Cache } from '../../core/cache.ts'
import type { Tokens } from '../../core/tokens.ts'
import type { Settings } from '../../core/config.ts'
import type { Engine } from '../../db/engine.ts'
import type { UnitOfWork } from '../../db/session.ts'
import type { ApiKeyUses } from '../../services/auth/api-key-uses.ts'
import type { AuthParts } from '../../services/auth/parts.ts'
import type { Context } from '../../services/context.ts'
import type { Principal } from '../../services/principal.ts'
import type { PrincipalStore } from '../../services/principal-store.ts'
import type { App } from './type-provider.ts'

declare module 'fastify' {
  interface FastifyInstance {
    settings: Settings
    engine: Engine
    cache: Cache
    tokens: Tokens
    principals: PrincipalStore
    apiKeyUses: ApiKeyUses
    /** What log-in and everything about accounts works with. */
    auth: AuthParts
    /** Prepares for `close()`, so that no request is lost. */
    drain: (patience: number) => Promise<void>
  }
  interface FastifyRequest {
    /** Set by a guard: who calls, the company their token or key names, and what the handler works with. */
    principal: Principal
    home_company_id: number | null
    ctx: Context
    unit: UnitOfWork | undefined
    idempotencyKey: string | undefined
  }
  interface FastifyContextConfig {
    /** What a route's guard asks for; undefined on a public route. */
    permissions?: readonly string[]
    /** One of these roles is asked for. */
    roles?: readonly string[]
    /** A log-in is asked for; an API key will not do. */
    session?: boolean
    /** Superusers reach records of all companies on this route. */
    everywhere?: boolean | undefined
  }
}

/** Declares the request's fields up front, so that all requests have one shape and stay fast. */
export function decorateRequests(app: App): void {
  for (const field of ['principal', 'home_company_id', 'ctx']) app.decorateRequest(field, null as never)
  for (const field of ['unit', 'idempotencyKey']) app.decorateRequest(field, undefined as never)
}

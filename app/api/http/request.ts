import type { FastifyBaseLogger, FastifyReply } from 'fastify'
import type { Cache } from '../../core/cache.ts'
import type { Metrics } from '../../core/metrics/metrics.ts'
import type { RouteMetrics } from '../../core/metrics/request-metrics.ts'
import type { Tokens } from '../../core/tokens.ts'
import type { Settings } from '../../core/config.ts'
import type { Engine } from '../../db/engine.ts'
import type { UnitOfWork } from '../../db/session.ts'
import type { ApiKeyUses } from '../../services/auth/api-key-uses.ts'
import type { AuthParts } from '../../services/auth/parts.ts'
import type { Context } from '../../services/context.ts'
import type { Live } from '../../services/live/live.ts'
import type { Principal } from '../../services/principal.ts'
import type { Credential, PrincipalStore } from '../../services/principal-store.ts'
import type { TakenKey } from '../deps/idempotency.ts'
import type { App } from './type-provider.ts'

declare module 'fastify' {
  interface FastifyInstance {
    settings: Settings
    engine: Engine
    cache: Cache
    metrics: Metrics
    tokens: Tokens
    principals: PrincipalStore
    apiKeyUses: ApiKeyUses
    /** Live events: who is connected, and what they are told. */
    live: Live
    /** What log-in and everything about accounts works with. */
    auth: AuthParts
    securityLog: FastifyBaseLogger
    /** Writes the line of a request that has its reply. */
    logRequest: (request: FastifyRequest, reply: FastifyReply) => void
    /** Prepares for `close()`, so that no request is lost. */
    drain: (patience: number) => Promise<void>
    /** Whether requests are turned away because this process cannot keep up. */
    isShedding: () => boolean
  }
  interface FastifyRequest {
    /** Set by a guard: who calls, the company their token or key names, and what the handler works with. */
    principal: Principal
    home_company_id: number | null
    /** What the principal is found by again, and when the token ends, in milliseconds. */
    credential: Credential
    access_ends_at: number
    ctx: Context
    unit: UnitOfWork | undefined
    takenKey: TakenKey | undefined
    /** Where this request is counted. */
    route_metrics: RouteMetrics
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
    /** A connection that stays: it has log lines of its own. */
    live?: boolean
  }
}

/** Declares the request's fields up front, so that all requests have one shape and stay fast. */
export function decorateRequests(app: App): void {
  for (const field of ['route_metrics', 'principal', 'home_company_id', 'credential', 'ctx'])
    app.decorateRequest(field, null as never)
  for (const field of ['unit', 'takenKey']) app.decorateRequest(field, undefined as never)
  app.decorateRequest('access_ends_at', 0)
}

import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../core/errors.ts'
import { demandCompany } from '../../services/context.ts'
import type { Identity } from '../../services/live/client.ts'
import { authenticate, authenticateBy, enterCompany } from './auth.ts'

/** The subprotocol that says that the next one is a token: browsers let a page set nothing else. */
export const BEARER = 'bearer'

/** The token from `Sec-WebSocket-Protocol: bearer, <token>`, else from `?token=`. */
async function authenticateSocket(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const [scheme, token] = request.headers['sec-websocket-protocol']?.split(',').map((part) => part.trim()) ?? []
  await authenticateBy(request, reply, scheme === BEARER ? token : tokenIn(request.query))
}

function tokenIn(query: unknown): string | undefined {
  const token = typeof query === 'object' && query !== null && 'token' in query ? query.token : undefined
  return typeof token === 'string' ? token : undefined
}

/**
 * A page of another site must not connect in a browser's name (RFC 6455 §10.2). Whoever sends no Origin is no browser.
 * @throws AppError `permission_denied`
 */
async function checkOrigin({ headers, host, server }: FastifyRequest): Promise<void> {
  const { origin } = headers
  const { BACKEND_CORS_ORIGINS, PUBLIC_URL } = server.settings
  if (origin === undefined) return
  const own = [...BACKEND_CORS_ORIGINS, ...(PUBLIC_URL ? [PUBLIC_URL] : [])].map((url) => new URL(url).origin)
  if (own.includes(origin) || (URL.canParse(origin) && new URL(origin).host === host)) return
  throw new AppError('permission_denied', 'Pages of this origin may not connect')
}

/** Live events are one company's: with none there is nothing to hear. */
async function demandOneCompany({ ctx }: FastifyRequest): Promise<void> {
  demandCompany(ctx)
}

/** @throws AppError `too_many_connections` */
async function demandRoom({ server, principal }: FastifyRequest, reply: FastifyReply): Promise<void> {
  if (server.live.clients.hasRoomFor(principal.user.id)) return
  reply.header('retry-after', '5')
  throw new AppError('too_many_connections')
}

const config = { permissions: [], live: true }

/** Guard of the WebSocket: any authenticated, active user, or a program with an API key of theirs, in one company. */
export function requireSocket() {
  return {
    onRequest: [checkOrigin, authenticateSocket],
    preValidation: [enterCompany, demandOneCompany],
    preHandler: [demandRoom],
    config,
  }
}

/** Guard of the event stream: the same, by the header that all other routes have. */
export function requireStream() {
  return {
    onRequest: [authenticate],
    preValidation: [enterCompany, demandOneCompany],
    preHandler: [demandRoom],
    config,
  }
}

/** Whose connection a request asks for. Of a request that has passed one of these guards. */
export const identityOf = (request: FastifyRequest): Identity => ({
  credential: request.credential,
  user_id: request.principal.user.id,
  company_id: demandCompany(request.ctx),
  ends_at: request.access_ends_at,
  since: sinceOf(request),
})

/** `?since=` or, from who comes again by itself, `Last-Event-ID`. One that cannot be is like one that is too old. */
function sinceOf({ query, headers }: FastifyRequest): number | undefined {
  if (typeof query === 'object' && query && 'since' in query) return Number(query.since)
  const last = headers['last-event-id']
  if (last === undefined) return undefined
  return typeof last === 'string' && /^\d{1,16}$/.test(last) ? Number(last) : 0
}

import type { FastifyRequest } from 'fastify'
import { AppError } from '../../core/errors.ts'
import { type PermissionName, allows, canonical } from '../../core/permissions.ts'
import type { Principal } from '../../services/principal.ts'
import { openContext } from './database.ts'
import { replayReply } from './idempotency.ts'

const NOBODY: ReadonlySet<string> = new Set()

/** The caller, from the bearer token. Runs before the body is read: who is not logged in gets nothing parsed. */
async function authenticate(request: FastifyRequest): Promise<void> {
  const [scheme, token] = request.headers.authorization?.split(' ') ?? []
  if (scheme?.toLowerCase() !== 'bearer' || !token) throw new AppError('not_authenticated')
  request.claims = request.server.tokens.verify(token, 'access')
  const principal = await request.server.principals.find(request.claims.sid)
  if (!principal) throw new AppError('not_authenticated', 'Invalid or expired token')
  request.principal = principal
}

/**
 * The company a request works in: the one its body or query names, else its `X-Company-ID`, else its token's. The first
 * three must be the caller's own; one that does not exist gets the same answer as one of others.
 */
async function chooseCompany(request: FastifyRequest): Promise<number | null> {
  const { claims, headers } = request
  const named = companyIn(request.body) ?? companyIn(request.query) ?? headers['x-company-id']
  if (named === undefined) return claims.company_id
  const company_id = Number(named)
  if (!Number.isSafeInteger(company_id)) throw new AppError('company_forbidden')
  const { user, memberships } = request.principal
  const permitted =
    memberships.has(company_id) || (user.is_superuser && (await request.server.principals.isActiveCompany(company_id)))
  if (!permitted) throw new AppError('company_forbidden')
  return company_id
}

/** What is no number is left for validation to name; by itself `Number` makes one of '', null and []. */
function companyIn(part: unknown): number | undefined {
  const given = typeof part === 'object' && part !== null && 'company_id' in part ? part.company_id : undefined
  const value = typeof given === 'number' || (typeof given === 'string' && given.trim()) ? Number(given) : Number.NaN
  return Number.isNaN(value) ? undefined : value
}

/** Opens the request's context in its company. Without an active membership there, nothing is permitted in it. */
async function enterCompany(request: FastifyRequest): Promise<void> {
  const company_id = await chooseCompany(request)
  const membership = company_id === null ? undefined : request.principal.memberships.get(company_id)
  const active = membership || request.principal.user.is_superuser ? company_id : null
  request.ctx = openContext(request, active, membership?.permissions ?? NOBODY)
}

/** In one's own company the missing permission is named; in another that the request names, nothing is told. */
function demand(needed: readonly string[]) {
  return async ({ ctx, principal, claims }: FastifyRequest): Promise<void> => {
    if (ctx.company_id === null) throw new AppError('no_company')
    if (principal.user.is_superuser) return
    const missing = needed.filter((permission) => !allows(ctx.permissions, permission))
    if (missing.length === 0) return
    if (ctx.company_id !== claims.company_id) throw new AppError('company_forbidden')
    throw new AppError('permission_denied', `Missing permission: ${missing.join(', ')}`)
  }
}

/** Guard of a route: any authenticated, active user. */
export function requireUser() {
  return {
    onRequest: [authenticate],
    preValidation: [enterCompany],
    preHandler: [replayReply],
    config: { permissions: [] },
  }
}

/** Guard of a route: all of these permissions, in the company of the request. */
export function requirePermissions(...names: [PermissionName, ...PermissionName[]]) {
  const permissions = names.map(canonical)
  return {
    onRequest: [authenticate],
    preValidation: [enterCompany, demand(permissions)],
    preHandler: [replayReply],
    config: { permissions },
  }
}

/** The user of a request that has passed a guard. */
export const getCurrentUser = (request: FastifyRequest): Principal['user'] => request.principal.user

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
 * two must be the caller's own; one that does not exist gets the same answer as one of others.
 */
async function chooseCompany(request: FastifyRequest): Promise<number | null> {
  const named = companyIn(request.body) ?? companyIn(request.query) ?? companyHeader(request)
  if (named === undefined) return request.claims.company_id
  const { user, memberships } = request.principal
  const permitted =
    memberships.has(named) || (user.is_superuser && (await request.server.principals.isActiveCompany(named)))
  if (!permitted) throw new AppError('company_forbidden')
  return named
}

function companyIn(part: unknown): number | undefined {
  const value = typeof part === 'object' && part !== null && 'company_id' in part ? Number(part.company_id) : undefined
  return Number.isSafeInteger(value) ? value : undefined // what is no id is left for validation to refuse
}

function companyHeader({ headers }: FastifyRequest): number | undefined {
  const text = headers['x-company-id']
  if (text === undefined) return undefined
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new AppError('company_forbidden')
  return value
}

/** Opens the request's context in its company. Without an active membership there, nothing is permitted in it. */
async function enterCompany(request: FastifyRequest): Promise<void> {
  const company_id = await chooseCompany(request)
  const membership = company_id === null ? undefined : request.principal.memberships.get(company_id)
  const active = membership || request.principal.user.is_superuser ? company_id : null
  request.ctx = openContext(request, active, membership?.permissions ?? NOBODY)
}

function demand(needed: readonly string[]) {
  return async ({ ctx, principal }: FastifyRequest): Promise<void> => {
    if (ctx.company_id === null) throw new AppError('no_company')
    const missing = principal.user.is_superuser
      ? []
      : needed.filter((permission) => !allows(ctx.permissions, permission))
    if (missing.length) throw new AppError('permission_denied', `Missing permission: ${missing.join(', ')}`)
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

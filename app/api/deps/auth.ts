import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../core/errors.ts'
import { type PermissionName, allows, canonical } from '../../core/permissions.ts'
import { bearerIn, readBearer } from '../../middleware/bearer.ts'
import { countGuess } from '../../middleware/rate-limiting.ts'
import { type CurrentUser, demandCompany, membershipOf, standingIn } from '../../services/context.ts'
import { chooseCompany } from './company.ts'
import { openContext } from './database.ts'
import { replayAccountReply, replayReply } from './idempotency.ts'

/** The caller, from the bearer token. Runs before the body is read: who is not logged in gets nothing parsed. */
export async function authenticate(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  await authenticateBy(request, reply, bearerIn(request.headers))
}

/** The caller, from a token or an API key. @throws AppError `not_authenticated`; `rate_limited` where keys are guessed */
export async function authenticateBy(
  request: FastifyRequest,
  reply: FastifyReply,
  token: string | undefined,
): Promise<void> {
  if (!token) throw new AppError('not_authenticated')
  const { tokens, principals, apiKeyUses } = request.server
  const { credential, claims } = readBearer(token, tokens)
  // A forged token is seen by its signature; to know a forged key takes a question to the database.
  if (!claims && principals.isStrange(credential)) await countGuess(request, reply)
  const principal = await principals.of(credential)
  if (!principal) throw new AppError('not_authenticated', 'Invalid or expired token')
  if ('key_hash' in credential) apiKeyUses.note(credential.key_hash)
  request.principal = principal
  request.credential = credential
  request.access_ends_at = Math.min(principal.expires_at, claims ? claims.exp * 1000 : Infinity)
  request.home_company_id = claims ? claims.company_id : principal.company_id
}

/**
 * Opens the request's context in its company. Without an active membership there, nothing is permitted in it; a superuser
 * may do everything in any, and in no company works across all.
 */
export async function enterCompany(request: FastifyRequest): Promise<void> {
  const { principal, routeOptions } = request
  const chosen = await chooseCompany(request)
  const standing = standingIn(principal, chosen === 'all' ? null : chosen)
  const { is_superuser, company_id } = standing
  const everywhere = is_superuser && (company_id === null || routeOptions.config.everywhere === true)
  request.ctx = openContext(request, { ...standing, everywhere })
}

/** In one's own company what is missing is named; in another that the request names, nothing is told. */
function demand(request: FastifyRequest, missing: string): void {
  const { ctx, home_company_id } = request
  if (ctx.is_superuser) return
  demandCompany(ctx)
  if (missing === '') return
  throw ctx.company_id === home_company_id
    ? new AppError('permission_denied', missing)
    : new AppError('company_forbidden')
}

/** Whether a list of what is deleted is asked for: a checked query has it. */
const asksForDeleted = ({ query }: FastifyRequest): boolean =>
  typeof query === 'object' && query !== null && 'deleted' in query && query.deleted === true

interface GuardOptions {
  /** Superusers reach records of all companies here, whichever they are in. */
  everywhere?: boolean
  /** Of a list with the parameter `deleted`: what asking for that takes besides, the permission to restore. */
  deleted?: PermissionName
}

/** Guard of a route: all of these permissions, in the company of the request. */
export function requirePermissions(
  names: [PermissionName, ...PermissionName[]],
  { everywhere, deleted }: GuardOptions = {},
) {
  const permissions = names.map(canonical)
  const demandAll = async (request: FastifyRequest): Promise<void> => {
    const missing = permissions.filter((permission) => !allows(request.ctx.permissions, permission))
    demand(request, missing.length ? `Missing permission: ${missing.join(', ')}` : '')
  }
  const demandDeleted = async (request: FastifyRequest): Promise<void> => {
    if (!deleted || !asksForDeleted(request) || allows(request.ctx.permissions, canonical(deleted))) return
    demand(request, `Missing permission: ${canonical(deleted)}`)
  }
  return {
    onRequest: [authenticate],
    preValidation: [enterCompany, demandAll],
    preHandler: deleted ? [demandDeleted] : [replayReply],
    config: { permissions, everywhere },
  }
}

/** Guard of a route: one of these roles (codenames), in the company of the request. */
export function requireRoles(codenames: [string, ...string[]]) {
  const demandAny = async (request: FastifyRequest): Promise<void> => {
    const roles = membershipOf(request.ctx)?.roles ?? []
    const held = codenames.some((codename) => roles.includes(codename))
    demand(request, held ? '' : `Missing role: ${codenames.join(' or ')}`)
  }
  return {
    onRequest: [authenticate],
    preValidation: [enterCompany, demandAny],
    preHandler: [replayReply],
    config: { permissions: [], roles: codenames },
  }
}

/**
 * Guard of a route: any authenticated, active user, or a program with an API key of theirs. For what itself asks what the
 * caller may do, and so is open to a key as far as the key lists it.
 */
export function requireCaller({ everywhere }: GuardOptions = {}) {
  return {
    onRequest: [authenticate],
    preValidation: [enterCompany],
    preHandler: [replayReply],
    config: { permissions: [], everywhere },
  }
}

/** Guard of a route: any authenticated, active user. Not an API key: it permits what it lists, and this is nothing one can list. */
export function requireUser({ everywhere }: GuardOptions = {}) {
  return { ...requireCaller({ everywhere }), onRequest: [authenticate, demandSession] }
}

/** Guard of a route that needs this permission, but not about oneself: of a user, who is told what is theirs, or a key that lists it. */
export function requireUserOrKey(permission: PermissionName, options: GuardOptions = {}) {
  const demandOfKey = async (request: FastifyRequest): Promise<void> => {
    const { principal, ctx } = request
    if (principal.session_id !== null || allows(ctx.permissions, canonical(permission))) return
    demand(request, `Missing permission: ${canonical(permission)}`)
  }
  return { ...requireCaller(options), preValidation: [enterCompany, demandOfKey] }
}

/** Guard of a route that is about the caller's own account: a log-in of theirs, not an API key. */
export function requireSession() {
  return { ...requireSessionToEnd(), preHandler: [replayAccountReply] }
}

/** The same for log-out, which takes no Idempotency-Key: the second one is a 401 anyway. */
export function requireSessionToEnd() {
  return {
    onRequest: [authenticate, demandSession],
    preValidation: [enterCompany],
    config: { permissions: [], session: true },
  }
}

/** @throws AppError `session_required` */
async function demandSession({ principal }: FastifyRequest): Promise<void> {
  if (principal.session_id === null) throw new AppError('session_required')
}

/** The user of a request that has passed a guard. */
export const getCurrentUser = (request: FastifyRequest): CurrentUser => request.principal.user

/**
 * The guide's name for the same: whoever has passed a guard is active, by this process's knowledge of at most 100 ms ago.
 */
export const getCurrentActiveUser = getCurrentUser

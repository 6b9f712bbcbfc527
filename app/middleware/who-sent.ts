import type { FastifyRequest } from 'fastify'
import { isApiKey, keyHash } from '../core/api-keys.ts'
import { AppError } from '../core/errors.ts'
import type { Principal } from '../services/principal.ts'
import type { Actor } from '../db/session.ts'

/** Who sent a request, and in which company they are. Nobody, where no token or key says so. */
export type Sender = Actor & { company_id: number | null }

/** Also of a request that was refused, or had no route, before a guard could ask. */
export async function whoSent(request: FastifyRequest): Promise<Sender> {
  const { ip, headers, id, ctx } = request
  const known = request.principal ?? undefined
  const { principal, home } = known ? { principal: known, home: request.home_company_id } : await identify(request)
  const company_id = ctx?.company_id ?? home
  return {
    user_id: principal?.user.id ?? null,
    session_id: principal?.session_id ?? null,
    ip_address: ip,
    user_agent: headers['user-agent']?.slice(0, 500) ?? null,
    request_id: id,
    company_id: principal && company_id !== null && belongs(principal, company_id) ? company_id : null,
  }
}

const belongs = ({ is_superuser, memberships }: Principal, company_id: number): boolean =>
  is_superuser || memberships.has(company_id)

interface Identified {
  principal: Principal | undefined
  home: number | null
}
const NOBODY: Identified = { principal: undefined, home: null }

/** By the bearer token, as a guard does it. */
async function identify({ headers, server }: FastifyRequest): Promise<Identified> {
  const [scheme, token] = headers.authorization?.split(' ') ?? []
  if (scheme?.toLowerCase() !== 'bearer' || !token) return NOBODY
  try {
    const claims = isApiKey(token) ? undefined : server.tokens.verify(token, 'access')
    const principal = await server.principals.of(claims ? { session_id: claims.sid } : { key_hash: keyHash(token) })
    if (!principal) return NOBODY
    return { principal, home: claims ? claims.company_id : principal.company_id }
  } catch (error) {
    if (error instanceof AppError) return NOBODY
    throw error
  }
}

import type { FastifyRequest } from 'fastify'
import { AppError } from '../core/errors.ts'
import type { Principal } from '../services/principal.ts'
import type { Actor } from '../db/scope.ts'
import { actorOf } from './actor.ts'
import { bearerIn, readBearer } from './bearer.ts'

/** Who sent a request, and in which company they are. Nobody, where no token or key says so. */
export type Sender = Actor & { company_id: number | null }

/** Also of a request that was refused, or had no route, before a guard could ask. */
export async function whoSent(request: FastifyRequest): Promise<Sender> {
  const known = request.principal ?? undefined
  const { principal, home } = known ? { principal: known, home: request.home_company_id } : await identify(request)
  const company_id = request.ctx?.company_id ?? home
  return {
    ...actorOf(request, principal),
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
  const token = bearerIn(headers)
  if (!token) return NOBODY
  try {
    const { credential, claims } = readBearer(token, server.tokens)
    const principal = await server.principals.of(credential)
    if (!principal) return NOBODY
    return { principal, home: claims ? claims.company_id : principal.company_id }
  } catch (error) {
    if (error instanceof AppError) return NOBODY
    throw error
  }
}

import type { FastifyRequest } from 'fastify'
import { actorOf } from '../../middleware/actor.ts'
import type { AuthParts } from '../../services/auth/parts.ts'

/** What works on accounts, for this request: what it does is told of in the activity log. */
export const authOf = (request: FastifyRequest): AuthParts => ({
  ...request.server.auth,
  origin: { ...actorOf(request), company_id: request.ctx?.company_id ?? null },
})

import type { FastifyRequest } from 'fastify'
import type { Actor } from '../../db/session.ts'
import type { AuthParts } from '../../services/auth/parts.ts'

/** Who makes a request, and from where; before a guard, nobody. */
export const actorOf = ({ principal, ip, headers, id }: FastifyRequest): Actor => ({
  user_id: principal?.user.id ?? null,
  session_id: principal?.session_id ?? null,
  ip_address: ip,
  user_agent: headers['user-agent']?.slice(0, 500) ?? null,
  request_id: id,
})

/** What works on accounts, for this request: what it does is told of in the activity log. */
export const authOf = (request: FastifyRequest): AuthParts => ({
  ...request.server.auth,
  origin: { ...actorOf(request), company_id: request.ctx?.company_id ?? null },
})

import type { FastifyRequest } from 'fastify'
import type { Actor } from '../db/scope.ts'

/** Who makes a request, and from where; before a guard, nobody, unless it is known otherwise. */
export const actorOf = (
  { principal: guarded, ip, headers, id }: FastifyRequest,
  principal: FastifyRequest['principal'] | undefined = guarded,
): Actor => ({
  user_id: principal?.user.id ?? null,
  session_id: principal?.session_id ?? null,
  ip_address: ip,
  user_agent: headers['user-agent']?.slice(0, 500) ?? null,
  request_id: id,
})

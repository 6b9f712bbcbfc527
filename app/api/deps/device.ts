import type { FastifyRequest } from 'fastify'
import type { Device } from '../../services/auth/parts.ts'

/** Where a request comes from. */
export const deviceOf = ({ ip, headers }: FastifyRequest): Device => ({
  ip_address: ip,
  user_agent: headers['user-agent'],
})

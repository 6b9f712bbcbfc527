import type { FastifyRequest } from 'fastify'
import { AppError } from '../../core/errors.ts'

/** Guard of a route that is there only where people may register themselves (`REGISTRATION_ENABLED`). */
export function requireRegistration() {
  const demandEnabled = async ({ server }: FastifyRequest): Promise<void> => {
    if (!server.settings.REGISTRATION_ENABLED) throw new AppError('not_found')
  }
  return { onRequest: [demandEnabled] }
}

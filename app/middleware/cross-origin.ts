import cors from '@fastify/cors'
import type { FastifyInstance } from 'fastify'
import type { Settings } from '../core/config.ts'

/** Lets pages of the origins that are set read replies, refusals too (CORS, Fetch §3.2). Without one it is off. */
export async function crossOrigin(
  app: FastifyInstance,
  { BACKEND_CORS_ORIGINS }: Pick<Settings, 'BACKEND_CORS_ORIGINS'>,
): Promise<void> {
  if (BACKEND_CORS_ORIGINS.length > 0) await app.register(cors, optionsOf(BACKEND_CORS_ORIGINS))
}

const optionsOf = (origin: string[]) => ({
  origin,
  credentials: true,
  methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  allowedHeaders: [
    'content-type',
    'authorization',
    'x-company-id',
    'x-request-id',
    'idempotency-key',
    'if-match',
    'last-event-id',
  ],
  exposedHeaders: [
    'x-request-id',
    'location',
    'retry-after',
    'idempotency-replayed',
    'x-ratelimit-limit',
    'x-ratelimit-remaining',
    'x-ratelimit-reset',
  ],
  strictPreflight: false, // an OPTIONS that asks nothing gets no text of the plugin's own
  maxAge: 3600,
})

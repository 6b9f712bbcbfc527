import { z } from 'zod'
import { migrationsOf } from '../db/migration-files.ts'
import { readinessOf } from '../services/readiness.ts'
import { isOperator } from './deps/operator.ts'
import type { App } from './http/type-provider.ts'

const ServiceCard = z.object({ service: z.string(), version: z.string(), docs: z.string() })
const Health = z.object({ status: z.literal('healthy') })
const ms = z.number().nullable()
/** For whoever may read /metrics alone. */
const ReadinessDetails = z.object({
  version: z.string(),
  uptime_seconds: z.int(),
  latency_ms: z.object({ database: ms, redis: ms }),
  database: z.object({ used: z.int(), idle: z.int(), waiting: z.int() }),
  pending_migrations: z.array(z.string()),
})
const Readiness = z.object({
  status: z.enum(['ready', 'not_ready']),
  checks: z.record(z.string(), z.string()),
  details: ReadinessDetails.optional(),
})
const tags = ['Service']
const config = { unlimited: true }

export async function healthRoutes(app: App) {
  const { settings, engine } = app
  const migrations = migrationsOf(settings)
  const readiness = readinessOf({ engine, migrations, settings })
  const card = { service: 'FastVue', version: settings.VERSION, docs: '/api/v1/docs' }
  app.get('/', { config, schema: { tags, summary: 'What this is', response: { 200: ServiceCard } } }, () => card)

  app.get('/health', { config, schema: { tags, summary: 'Alive', response: { 200: Health } } }, () => ({
    status: 'healthy' as const,
  }))

  app.get(
    '/health/ready',
    {
      config,
      schema: {
        tags,
        summary: 'Able to serve: database, migrations, cache',
        response: { 200: Readiness, 503: Readiness },
      },
    },
    async (request, reply) => {
      const load: Record<string, string> = app.isShedding() ? { load: 'overloaded' } : {}
      const { checks: found, ...measured } = await readiness()
      const checks = { ...found, ...load }
      const isReady = Object.values(checks).every((result) => result === 'ok')
      const details = {
        ...measured,
        version: settings.VERSION,
        uptime_seconds: Math.floor(process.uptime()),
        database: engine.load(),
      }
      return reply.code(isReady ? 200 : 503).send({
        status: isReady ? 'ready' : 'not_ready',
        checks,
        ...(isOperator(request, settings) && { details }),
      })
    },
  )
}

import { join } from 'node:path'
import { z } from 'zod'
import { remembering } from '../core/remembering.ts'
import { loadMigrations } from '../db/migration-files.ts'
import { readiness } from '../services/readiness.ts'
import type { App } from './http/type-provider.ts'

const ServiceCard = z.object({ service: z.string(), version: z.string(), docs: z.string() })
const Health = z.object({ status: z.literal('healthy') })
const Readiness = z.object({ status: z.enum(['ready', 'not_ready']), checks: z.record(z.string(), z.string()) })
const tags = ['Service']
const config = { unlimited: true }
// Milliseconds for which an answer is good: however often somebody asks, the database is not.
const FRESH = 1000

export async function healthRoutes(app: App) {
  const migrations = loadMigrations(join(app.settings.directory, 'migrations'))
  const checkNow = remembering(FRESH, () => readiness(app.engine, migrations, app.settings))
  const card = { service: 'FastVue', version: app.settings.VERSION, docs: '/api/v1/docs' }
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
    async (_request, reply) => {
      const load: Record<string, string> = app.isShedding() ? { load: 'overloaded' } : {}
      const checks = { ...(await checkNow()), ...load }
      const ready = Object.values(checks).every((result) => result === 'ok')
      return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not_ready', checks })
    },
  )
}

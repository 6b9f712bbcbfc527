import { z } from 'zod'
import { CONTENT_TYPE } from '../core/metrics/prometheus.ts'
import { Scrape } from '../services/scrape.ts'
import { countGuess } from '../middleware/rate-limiting.ts'
import { isOperator } from './deps/operator.ts'
import type { App } from './http/type-provider.ts'

/** Numbers for Prometheus: docs/observability.md. Whoever may not see them is told what an address that is none is. */
export async function metricsRoutes(app: App) {
  const { settings, engine, metrics } = app
  const scrape = new Scrape(metrics, { engine, settings })
  app.addHook('onListen', async () => scrape.siblings.listen())
  app.addHook('onClose', async () => scrape.siblings.close())

  app.get(
    '/metrics',
    {
      config: { unlimited: true },
      schema: {
        tags: ['Service'],
        summary: 'Metrics for Prometheus: from this machine, or with METRICS_TOKEN as the bearer',
        produces: ['text/plain'],
        response: { 200: z.string() },
      },
    },
    async (request, reply) => {
      if (!isOperator(request, settings)) {
        await countGuess(request, reply) // as any other address that is none
        return reply.callNotFound()
      }
      return reply.type(CONTENT_TYPE).send(await scrape.text())
    },
  )
}

import type { RouteOptions } from 'fastify'
import { pino } from 'pino'
import type { App } from '../api/http/type-provider.ts'
import { createApp } from '../app.ts'
import { memoryCache } from '../core/cache.ts'
import type { Settings } from '../core/config.ts'
import { NO_DATABASE } from '../db/no-database.ts'

/**
 * Runs `work` on the application as a server would have it, without a database, a port, a log or Redis. Import it where it
 * is used: it brings the web framework along, for which other commands should not wait.
 */
export async function withAppAlone<R>(settings: Settings, work: (app: App, routes: RouteOptions[]) => R): Promise<R> {
  const routes: RouteOptions[] = []
  const silent = pino({ enabled: false })
  const app = await createApp({
    settings,
    engine: NO_DATABASE,
    cache: memoryCache(settings.CACHE_DEFAULT_TTL),
    logger: silent,
    security: silent,
    onRoute: (route) => routes.push(route),
  })
  try {
    await app.ready()
    return work(app, routes)
  } finally {
    await app.close()
  }
}

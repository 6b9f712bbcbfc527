import { docsRoutes } from './docs.ts'
import { healthRoutes } from './health.ts'
import { metricsRoutes } from './metrics.ts'
import { openApi } from './http/openapi.ts'
import type { App } from './http/type-provider.ts'
import { v1 } from './v1/index.ts'

/** Everything that is reachable over HTTP. */
export async function api(app: App) {
  await openApi(app)
  await app.register(healthRoutes)
  await app.register(metricsRoutes)
  await app.register(docsRoutes, { prefix: '/api/v1' })
  await app.register(v1, { prefix: '/api/v1' })
}

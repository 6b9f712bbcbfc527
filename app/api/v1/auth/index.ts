import formbody from '@fastify/formbody'
import type { App } from '../../http/type-provider.ts'
import { apiKeyRoutes } from './api-keys.ts'
import { logInRoutes } from './log-in.ts'
import { sessionRoutes } from './sessions.ts'

/** Who somebody is: log-in, and everything about one's own account. */
export async function authRoutes(app: App) {
  await app.register(formbody) // here only: the docs page logs in with a form
  await app.register(logInRoutes)
  await app.register(sessionRoutes)
  await app.register(apiKeyRoutes, { prefix: '/api-keys' })
}

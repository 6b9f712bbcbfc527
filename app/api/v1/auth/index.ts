import { hearOwnChanges } from '../../deps/access.ts'
import { acceptForms } from '../../http/bodies.ts'
import type { App } from '../../http/type-provider.ts'
import { apiKeyRoutes } from './api-keys.ts'
import { logInRoutes } from './log-in.ts'
import { passwordRoutes } from './passwords.ts'
import { registrationRoutes } from './registration.ts'
import { passkeyRoutes } from './passkeys.ts'
import { oauthAccountRoutes, oauthRoutes } from './oauth.ts'
import { sessionRoutes } from './sessions.ts'
import { twoFactorRoutes } from './two-factor.ts'

/** Who somebody is: log-in, and everything about one's own account. */
export async function authRoutes(app: App) {
  await acceptForms(app) // here only: the docs page logs in with a form
  hearOwnChanges(app)
  await app.register(logInRoutes)
  await app.register(passwordRoutes)
  await app.register(registrationRoutes)
  await app.register(sessionRoutes)
  await app.register(twoFactorRoutes)
  await app.register(passkeyRoutes)
  await app.register(oauthRoutes, { prefix: '/oauth' })
  await app.register(oauthAccountRoutes, { prefix: '/oauth-accounts' })
  await app.register(apiKeyRoutes, { prefix: '/api-keys' })
}

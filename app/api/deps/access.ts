import type { App } from '../http/type-provider.ts'
import { isSafe } from './database.ts'

/**
 * For routes that change who may do what: they reply once this process has heard of the change, so that the caller's next
 * request finds it made. Other processes hear of it within 100 ms.
 */
export function hearOwnChanges(app: App): void {
  app.addHook('onSend', async ({ method }) => {
    if (!isSafe(method)) await app.principals.caughtUp()
  })
}

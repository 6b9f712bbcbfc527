import type { App } from '../http/type-provider.ts'
import { activityLogRoutes } from './activity-logs.ts'
import { authRoutes } from './auth/index.ts'
import { liveRoutes } from './live.ts'
import { companyRoutes } from './companies.ts'
import { productRoutes } from './products.ts'
import { userRoutes } from './users.ts'
import { groupRoutes } from './groups.ts'
import { messageRoutes } from './messages.ts'
import { inboxRoutes } from './inbox.ts'
import { notificationPreferenceRoutes } from './notification-preferences.ts'
import { notificationRoutes } from './notifications.ts'
import { permissionRoutes } from './permissions.ts'
import { roleRoutes } from './roles.ts'

/** Version 1 of the API. A new feature adds its line here. */
export async function v1(app: App) {
  await app.register(authRoutes, { prefix: '/auth' })
  await app.register(userRoutes, { prefix: '/users' })
  await app.register(companyRoutes, { prefix: '/companies' })
  await app.register(roleRoutes, { prefix: '/roles' })
  await app.register(groupRoutes, { prefix: '/groups' })
  await app.register(permissionRoutes, { prefix: '/permissions' })
  await app.register(liveRoutes)
  await app.register(productRoutes, { prefix: '/products' })
  await app.register(messageRoutes, { prefix: '/messages' })
  await app.register(activityLogRoutes, { prefix: '/activity-logs' })
  await app.register(inboxRoutes, { prefix: '/inbox' })
  await app.register(notificationRoutes, { prefix: '/notifications' })
  await app.register(notificationPreferenceRoutes, { prefix: '/notifications/preferences' })
}

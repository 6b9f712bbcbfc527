import {
  NotificationPreferencesResponse,
  NotificationPreferencesUpdate,
} from '../../schemas/notification-preferences.ts'
import { PreferenceService } from '../../services/notifications/preferences.ts'
import { requireSession } from '../deps/auth.ts'
import type { App } from '../http/type-provider.ts'

const tags = ['Notifications']
const response = { 200: NotificationPreferencesResponse }

export async function notificationPreferenceRoutes(app: App) {
  app.get('/', { ...requireSession(), schema: { tags, summary: 'How you want to be told', response } }, ({ ctx }) =>
    new PreferenceService(ctx).get(),
  )

  app.route({
    method: ['PUT', 'PATCH'],
    url: '/',
    ...requireSession(),
    schema: { tags, summary: 'Change how you want to be told', body: NotificationPreferencesUpdate, response },
    handler: ({ ctx, body }) => new PreferenceService(ctx).update(body),
  })
}

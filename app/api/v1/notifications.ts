import { IdParams } from '../../schemas/common.ts'
import { UpdatedCountResponse } from '../../schemas/inbox.ts'
import {
  NotificationBulkRead,
  NotificationCreate,
  NotificationListResponse,
  NotificationQuery,
  NotificationResponse,
  NotificationStatsResponse,
  NotificationUpdate,
  SentResponse,
} from '../../schemas/notification.ts'
import { NotificationService } from '../../services/notifications/notifications.ts'
import { send } from '../../services/notifications/send.ts'
import { requirePermissions, requireUser } from '../deps/auth.ts'
import { noContent, nothing } from '../http/replies.ts'
import type { App } from '../http/type-provider.ts'

const tags = ['Notifications']
const one = { params: IdParams, response: { 200: NotificationResponse } }

export async function notificationRoutes(app: App) {
  app.get(
    '/',
    {
      ...requireUser(),
      schema: {
        tags,
        summary: 'List your notifications in this company',
        querystring: NotificationQuery,
        response: { 200: NotificationListResponse },
      },
    },
    ({ ctx, query }) => new NotificationService(ctx).getMulti(query),
  )

  app.post(
    '/',
    {
      ...requirePermissions(['notification.send']),
      schema: {
        tags,
        summary: 'Notify members of the company',
        body: NotificationCreate,
        response: { 201: SentResponse },
      },
    },
    async ({ ctx, body: { company_id: _, ...sending } }, reply) => {
      reply.code(201).header('location', app.prefix) // several are made; there each finds their own
      return send(ctx, sending)
    },
  )

  app.get(
    '/stats',
    {
      ...requireUser(),
      schema: { tags, summary: 'Count what is unread', response: { 200: NotificationStatsResponse } },
    },
    ({ ctx }) => new NotificationService(ctx).stats(),
  )

  app.post(
    '/bulk-read',
    {
      ...requireUser(),
      schema: {
        tags,
        summary: 'Mark many notifications as read',
        body: NotificationBulkRead,
        response: { 200: UpdatedCountResponse },
      },
    },
    ({ ctx, body }) => new NotificationService(ctx).readAll(body.ids),
  )

  app.get('/:id', { ...requireUser(), schema: { tags, summary: 'Get a notification', ...one } }, ({ ctx, params }) =>
    new NotificationService(ctx).get(params.id),
  )

  app.patch(
    '/:id',
    {
      ...requireUser(),
      schema: { tags, summary: 'Mark a notification as read or unread', body: NotificationUpdate, ...one },
    },
    ({ ctx, params, body }) => new NotificationService(ctx).update(params.id, body),
  )

  app.post(
    '/:id/read',
    { ...requireUser(), schema: { tags, summary: 'Mark a notification as read', ...one } },
    ({ ctx, params }) => new NotificationService(ctx).update(params.id, { is_read: true }),
  )

  app.delete(
    '/:id',
    {
      ...requireUser(),
      schema: { tags, summary: 'Delete a notification', params: IdParams, response: { 204: noContent } },
    },
    ({ ctx, params }, reply) => nothing(reply, new NotificationService(ctx).delete(params.id)),
  )
}

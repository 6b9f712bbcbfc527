import {
  ActivityLogListResponse,
  ActivityLogQuery,
  ActivityLogResponse,
  EntityParams,
} from '../../schemas/activity-log.ts'
import { IdParams } from '../../schemas/common.ts'
import { ActivityLog } from '../../services/activity/activity-log.ts'
import { requirePermissions, requireUserOrKey } from '../deps/auth.ts'
import type { App } from '../http/type-provider.ts'

const tags = ['Activity logs']
const response = { 200: ActivityLogListResponse }

export async function activityLogRoutes(app: App) {
  app.get(
    '/',
    {
      ...requirePermissions(['audit.read']),
      schema: { tags, summary: 'List activity log entries', querystring: ActivityLogQuery, response },
    },
    ({ ctx, query }) => new ActivityLog(ctx).list(query),
  )

  app.get(
    '/:id',
    {
      ...requirePermissions(['audit.read'], { everywhere: true }),
      schema: { tags, summary: 'Get an entry', params: IdParams, response: { 200: ActivityLogResponse } },
    },
    ({ ctx, params }) => new ActivityLog(ctx).get(params.id),
  )

  app.get(
    '/entity/:type/:id',
    {
      ...requirePermissions(['audit.read']),
      schema: {
        tags,
        summary: 'What happened to a record',
        params: EntityParams,
        querystring: ActivityLogQuery,
        response,
      },
    },
    ({ ctx, params, query }) =>
      new ActivityLog(ctx).ofEntity({ entity_type: params.type, entity_id: params.id }, query),
  )

  app.get(
    '/user/:id',
    {
      ...requireUserOrKey('audit.read'),
      schema: {
        tags,
        summary: 'What somebody did: yourself, or anybody with `audit.read`',
        params: IdParams,
        querystring: ActivityLogQuery,
        response,
      },
    },
    ({ ctx, params, query }) => new ActivityLog(ctx).ofUser(params.id, query),
  )
}

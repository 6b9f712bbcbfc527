import { IdParams } from '../../schemas/common.ts'
import {
  InboxBulk,
  InboxItemResponse,
  InboxItemUpdate,
  InboxListResponse,
  InboxQuery,
  InboxStatsResponse,
  UpdatedCountResponse,
} from '../../schemas/inbox.ts'
import { InboxService } from '../../services/inbox/inbox.ts'
import { requireUser } from '../deps/auth.ts'
import { noContent, nothing } from '../http/replies.ts'
import type { App } from '../http/type-provider.ts'

const tags = ['Inbox']

export async function inboxRoutes(app: App) {
  app.get(
    '/',
    {
      ...requireUser(),
      schema: {
        tags,
        summary: 'List your inbox in this company',
        querystring: InboxQuery,
        response: { 200: InboxListResponse },
      },
    },
    ({ ctx, query }) => new InboxService(ctx).getMulti(query),
  )

  app.get(
    '/stats',
    { ...requireUser(), schema: { tags, summary: 'Count the items', response: { 200: InboxStatsResponse } } },
    ({ ctx }) => new InboxService(ctx).stats(),
  )

  app.post(
    '/bulk',
    {
      ...requireUser(),
      schema: { tags, summary: 'Change many inbox items', body: InboxBulk, response: { 200: UpdatedCountResponse } },
    },
    ({ ctx, body }) => new InboxService(ctx).bulk(body),
  )

  app.get(
    '/:id',
    {
      ...requireUser(),
      schema: { tags, summary: 'Get an inbox item', params: IdParams, response: { 200: InboxItemResponse } },
    },
    ({ ctx, params }) => new InboxService(ctx).get(params.id),
  )

  app.patch(
    '/:id',
    {
      ...requireUser(),
      schema: {
        tags,
        summary: 'Read, archive, star or rank an inbox item',
        params: IdParams,
        body: InboxItemUpdate,
        response: { 200: InboxItemResponse },
      },
    },
    ({ ctx, params, body }) => new InboxService(ctx).update(params.id, body),
  )

  app.delete(
    '/:id',
    {
      ...requireUser(),
      schema: { tags, summary: 'Delete an inbox item', params: IdParams, response: { 204: noContent } },
    },
    ({ ctx, params }, reply) => nothing(reply, new InboxService(ctx).delete(params.id)),
  )
}

import { IdParams, listResponse } from '../../schemas/common.ts'
import {
  GroupCreate,
  GroupDetailResponse,
  GroupFields,
  GroupPermissions,
  GroupResponse,
  GroupUpdate,
  GroupUsers,
} from '../../schemas/group.ts'
import { listQuery } from '../../schemas/list-query.ts'
import { GroupService } from '../../services/group.ts'
import { hearOwnChanges } from '../deps/access.ts'
import { requirePermissions } from '../deps/auth.ts'
import { created, noContent, nothing } from '../http/replies.ts'
import type { App } from '../http/type-provider.ts'

const tags = ['Groups']
const everywhere = { everywhere: true }
const GroupList = listResponse(GroupResponse).meta({ id: 'GroupList' })
const response = { 200: GroupDetailResponse }

export async function groupRoutes(app: App) {
  hearOwnChanges(app)

  app.get(
    '/',
    {
      ...requirePermissions(['group.read']),
      schema: { tags, summary: 'List groups', querystring: listQuery(GroupFields), response: { 200: GroupList } },
    },
    ({ ctx, query }) => new GroupService(ctx).getMulti(query),
  )

  app.post(
    '/',
    {
      ...requirePermissions(['group.create'], everywhere),
      schema: { tags, summary: 'Create a group', body: GroupCreate, response: { 201: GroupDetailResponse } },
    },
    async ({ ctx, body }, reply) => created(reply, await new GroupService(ctx).create(body)),
  )

  app.get(
    '/:id',
    {
      ...requirePermissions(['group.read'], everywhere),
      schema: { tags, summary: 'Get a group', params: IdParams, response },
    },
    ({ ctx, params }) => new GroupService(ctx).get(params.id),
  )

  app.route({
    method: ['PUT', 'PATCH'],
    url: '/:id',
    ...requirePermissions(['group.update'], everywhere),
    schema: { tags, summary: 'Update a group', params: IdParams, body: GroupUpdate, response },
    handler: ({ ctx, params, body }) => new GroupService(ctx).update(params.id, body),
  })

  app.put(
    '/:id/users',
    {
      ...requirePermissions(['group.update'], everywhere),
      schema: { tags, summary: 'Replace the members of a group', params: IdParams, body: GroupUsers, response },
    },
    ({ ctx, params, body }) => new GroupService(ctx).update(params.id, body),
  )

  app.put(
    '/:id/permissions',
    {
      ...requirePermissions(['group.update'], everywhere),
      schema: {
        tags,
        summary: 'Replace the permissions of a group',
        params: IdParams,
        body: GroupPermissions,
        response,
      },
    },
    ({ ctx, params, body }) => new GroupService(ctx).update(params.id, body),
  )

  app.delete(
    '/:id',
    {
      ...requirePermissions(['group.delete'], everywhere),
      schema: { tags, summary: 'Delete a group', params: IdParams, response: { 204: noContent } },
    },
    ({ ctx, params }, reply) => nothing(reply, new GroupService(ctx).delete(params.id)),
  )
}

import { IdParams, listResponse } from '../../schemas/common.ts'
import { listQuery } from '../../schemas/list-query.ts'
import { RoleCreate, RolePermissions, RoleResponse, RoleUpdate } from '../../schemas/role.ts'
import { RoleService } from '../../services/role.ts'
import { hearOwnChanges } from '../deps/access.ts'
import { requirePermissions } from '../deps/auth.ts'
import { created, noContent, nothing } from '../http/replies.ts'
import type { App } from '../http/type-provider.ts'

const tags = ['Roles']
const everywhere = { everywhere: true }
const RoleList = listResponse(RoleResponse).meta({ id: 'RoleList' })

export async function roleRoutes(app: App) {
  hearOwnChanges(app)

  app.get(
    '/',
    {
      ...requirePermissions(['role.read']),
      schema: { tags, summary: 'List roles', querystring: listQuery(RoleResponse), response: { 200: RoleList } },
    },
    ({ ctx, query }) => new RoleService(ctx).getMulti(query),
  )

  app.post(
    '/',
    {
      ...requirePermissions(['role.create'], everywhere),
      schema: { tags, summary: 'Create a role', body: RoleCreate, response: { 201: RoleResponse } },
    },
    async ({ ctx, body }, reply) => created(reply, await new RoleService(ctx).create(body)),
  )

  app.get(
    '/:id',
    {
      ...requirePermissions(['role.read'], everywhere),
      schema: { tags, summary: 'Get a role', params: IdParams, response: { 200: RoleResponse } },
    },
    ({ ctx, params }) => new RoleService(ctx).get(params.id),
  )

  app.route({
    method: ['PUT', 'PATCH'],
    url: '/:id',
    ...requirePermissions(['role.update'], everywhere),
    schema: { tags, summary: 'Update a role', params: IdParams, body: RoleUpdate, response: { 200: RoleResponse } },
    handler: ({ ctx, params, body }) => new RoleService(ctx).update(params.id, body),
  })

  app.put(
    '/:id/permissions',
    {
      ...requirePermissions(['role.update'], everywhere),
      schema: {
        tags,
        summary: 'Replace the permissions of a role',
        params: IdParams,
        body: RolePermissions,
        response: { 200: RoleResponse },
      },
    },
    ({ ctx, params, body }) => new RoleService(ctx).update(params.id, body),
  )

  app.delete(
    '/:id',
    {
      ...requirePermissions(['role.delete'], everywhere),
      schema: { tags, summary: 'Delete a role', params: IdParams, response: { 204: noContent } },
    },
    ({ ctx, params }, reply) => nothing(reply, new RoleService(ctx).delete(params.id)),
  )
}

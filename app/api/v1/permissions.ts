import { ErrorResponse, IdParams, listResponse } from '../../schemas/common.ts'
import { listQuery } from '../../schemas/list-query.ts'
import { ExplainQuery, ExplainResponse, PermissionResponse, PermissionsByResource } from '../../schemas/permission.ts'
import { ExplainService } from '../../services/explain/index.ts'
import { PermissionCatalogue } from '../../services/permission-catalogue.ts'
import { requirePermissions, requireUserOrKey } from '../deps/auth.ts'
import type { App } from '../http/type-provider.ts'

const tags = ['Permissions']
const PermissionList = listResponse(PermissionResponse).meta({ id: 'PermissionList' })

export async function permissionRoutes(app: App) {
  app.get(
    '/',
    {
      ...requirePermissions(['permission.read']),
      schema: {
        tags,
        summary: 'List permissions',
        querystring: listQuery(PermissionResponse),
        response: { 200: PermissionList },
      },
    },
    ({ ctx, query }) => new PermissionCatalogue(ctx).getMulti(query),
  )

  app.get(
    '/grouped',
    {
      ...requirePermissions(['permission.read']),
      schema: { tags, summary: 'What can be granted, by resource', response: { 200: PermissionsByResource } },
    },
    ({ ctx }) => new PermissionCatalogue(ctx).grouped(),
  )

  app.get(
    '/explain',
    {
      ...requireUserOrKey('permission.read', { everywhere: true }),
      schema: {
        tags,
        summary: 'Why somebody may do something, or what would have to change',
        querystring: ExplainQuery,
        response: { 200: ExplainResponse, 404: ErrorResponse },
      },
    },
    ({ ctx, query }) => new ExplainService(ctx).explain(query),
  )

  app.get(
    '/:id',
    {
      ...requirePermissions(['permission.read']),
      schema: { tags, summary: 'Get a permission', params: IdParams, response: { 200: PermissionResponse } },
    },
    ({ ctx, params }) => new PermissionCatalogue(ctx).get(params.id),
  )
}

import { getColumns } from 'drizzle-orm'
import type { z } from 'zod'
import { withArticle } from '../../core/article.ts'
import type { CrudResource } from '../../core/permissions.ts'
import { IdParams, listResponse } from '../../schemas/common.ts'
import { listQuery, restorableListQuery } from '../../schemas/list-query.ts'
import type { BaseCRUDService } from '../../services/base.ts'
import type { Context } from '../../services/context.ts'
import type { CreateValues, ScopedTable, UpdateValues } from '../../services/record.ts'
import { requirePermissions } from '../deps/auth.ts'
import { versionIn, withVersion } from '../deps/version.ts'
import { created, noContent, nothing } from './replies.ts'
import type { App } from './type-provider.ts'

interface Crud<T extends ScopedTable> {
  /** The first half of its permissions: `product` needs `product.read` to be listed, and so on. */
  resource: CrudResource
  /** The heading it has in the documentation. */
  tag: string
  /** Its table: one with `softDeleteMixin` has a list of what is deleted, and a route to restore it. */
  model: T
  service: new (ctx: Context) => BaseCRUDService<T>
  create: z.ZodType<CreateValues<T>>
  update: z.ZodType<UpdateValues<T>>
  response: z.ZodObject
}

/**
 * The routes of a resource: list, create, get, update (PUT and PATCH, both partial), delete; and restore, where that can be. Routes that only this
 * resource has are declared beside the call, in the same way as here. (The two `as`: Fastify's types do not follow a
 * schema that is a type parameter; the schema is checked against the service where `crudRoutes` is called.)
 */
export function crudRoutes<T extends ScopedTable>(
  app: App,
  { resource, tag, model, service: Service, create, update, response }: Crud<T>,
): void {
  const tags = [tag]
  const name = resource.replaceAll('_', ' ')
  const one = withArticle(name)
  const isRestorable = Object.hasOwn(getColumns(model), 'is_deleted')
  const ListResponse = listResponse(response).meta({ id: `${response.meta()?.id}List` })

  app.get(
    '/',
    {
      ...requirePermissions([`${resource}.read` as const], isRestorable ? { deleted: `${resource}.delete` } : {}),
      schema: {
        tags,
        summary: `List ${name} records`,
        querystring: isRestorable ? restorableListQuery(response) : listQuery(response),
        response: { 200: ListResponse },
      },
    },
    ({ ctx, query }) => new Service(ctx).getMulti(query),
  )

  app.post(
    '/',
    {
      ...requirePermissions([`${resource}.create` as const]),
      schema: { tags, summary: `Create ${one}`, body: create, response: { 201: response } },
    },
    async ({ ctx, body }, reply) => created(reply, await new Service(ctx).createAlone(body as CreateValues<T>)),
  )

  app.get(
    '/:id',
    {
      ...requirePermissions([`${resource}.read` as const]),
      schema: { tags, summary: `Get ${one}`, params: IdParams, response: { 200: response } },
    },
    ({ ctx, params }) => new Service(ctx).get(params.id),
  )

  app.route({
    method: ['PUT', 'PATCH'],
    url: '/:id',
    ...requirePermissions([`${resource}.update` as const]),
    schema: { tags, summary: `Update ${one}`, params: IdParams, body: update, response: { 200: response } },
    handler: ({ ctx, params, body, headers }) =>
      new Service(ctx).update(params.id, withVersion(body as UpdateValues<T>, headers)),
  })

  app.delete(
    '/:id',
    {
      ...requirePermissions([`${resource}.delete` as const]),
      schema: { tags, summary: `Delete ${one}`, params: IdParams, response: { 204: noContent } },
    },
    ({ ctx, params, headers }, reply) => nothing(reply, new Service(ctx).delete(params.id, versionIn(headers))),
  )

  if (isRestorable)
    app.post(
      '/:id/restore',
      {
        ...requirePermissions([`${resource}.delete` as const]),
        schema: { tags, summary: `Bring back ${one} that was deleted`, params: IdParams, response: { 200: response } },
      },
      ({ ctx, params }) => new Service(ctx).restore(params.id),
    )
}

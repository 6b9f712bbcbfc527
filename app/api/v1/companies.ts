import { IdParams } from '../../schemas/common.ts'
import {
  CompanyCreate,
  CompanyListResponse,
  CompanyResponse,
  CompanyUpdate,
  OwnCompaniesResponse,
} from '../../schemas/company.ts'
import { listQuery } from '../../schemas/list-query.ts'
import { UserFilters, UserListResponse } from '../../schemas/user.ts'
import { CompanyService } from '../../services/company.ts'
import { hearOwnChanges } from '../deps/access.ts'
import { requirePermissions, requireUser } from '../deps/auth.ts'
import { created, noContent, nothing, wholeList } from '../http/replies.ts'
import type { App } from '../http/type-provider.ts'

const tags = ['Companies']
const everywhere = { everywhere: true }

export async function companyRoutes(app: App) {
  hearOwnChanges(app)

  app.get(
    '/',
    {
      ...requirePermissions(['company.read']),
      schema: {
        tags,
        summary: 'List the companies that you see',
        querystring: listQuery(CompanyResponse),
        response: { 200: CompanyListResponse },
      },
    },
    ({ ctx, query }) => new CompanyService(ctx).getMulti(query),
  )

  app.post(
    '/',
    {
      ...requirePermissions(['company.create']),
      schema: { tags, summary: 'Create a company', body: CompanyCreate, response: { 201: CompanyResponse } },
    },
    async ({ ctx, body }, reply) => created(reply, await new CompanyService(ctx).create(body)),
  )

  app.get(
    '/mine',
    {
      ...requireUser(),
      schema: { tags, summary: 'The companies that you are a member of', response: { 200: OwnCompaniesResponse } },
    },
    async ({ ctx }) =>
      wholeList([...ctx.memberships.values()].map(({ roles, ...company }) => ({ ...company, roles: [...roles] }))),
  )

  app.get(
    '/:id',
    {
      ...requirePermissions(['company.read'], everywhere),
      schema: { tags, summary: 'Get a company', params: IdParams, response: { 200: CompanyResponse } },
    },
    ({ ctx, params }) => new CompanyService(ctx).get(params.id),
  )

  app.get(
    '/:id/users',
    {
      ...requirePermissions(['company.read', 'user.read'], everywhere),
      schema: {
        tags,
        summary: 'List the members of a company',
        params: IdParams,
        querystring: listQuery(UserFilters),
        response: { 200: UserListResponse },
      },
    },
    ({ ctx, params, query }) => new CompanyService(ctx).users(params.id, query),
  )

  app.route({
    method: ['PUT', 'PATCH'],
    url: '/:id',
    ...requirePermissions(['company.update'], everywhere),
    schema: {
      tags,
      summary: 'Update a company',
      params: IdParams,
      body: CompanyUpdate,
      response: { 200: CompanyResponse },
    },
    handler: ({ ctx, params, body }) => new CompanyService(ctx).update(params.id, body),
  })

  app.delete(
    '/:id',
    {
      ...requirePermissions(['company.delete'], everywhere),
      schema: { tags, summary: 'Delete an empty company', params: IdParams, response: { 204: noContent } },
    },
    ({ ctx, params }, reply) => nothing(reply, new CompanyService(ctx).delete(params.id)),
  )
}

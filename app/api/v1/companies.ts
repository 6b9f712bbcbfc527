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
import { created, noContent, wholeList } from '../http/replies.ts'
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
    ({ ctx, principal, query }) => new CompanyService(ctx, principal).getMulti(query),
  )

  app.post(
    '/',
    {
      ...requirePermissions(['company.create']),
      schema: { tags, summary: 'Create a company', body: CompanyCreate, response: { 201: CompanyResponse } },
    },
    async ({ ctx, principal, body }, reply) => created(reply, await new CompanyService(ctx, principal).create(body)),
  )

  app.get(
    '/mine',
    {
      ...requireUser(),
      schema: { tags, summary: 'The companies that you are a member of', response: { 200: OwnCompaniesResponse } },
    },
    async ({ principal }) =>
      wholeList(
        [...principal.memberships.values()].map(({ roles, ...company }) => ({ ...company, roles: [...roles] })),
      ),
  )

  app.get(
    '/:id',
    {
      ...requirePermissions(['company.read'], everywhere),
      schema: { tags, summary: 'Get a company', params: IdParams, response: { 200: CompanyResponse } },
    },
    ({ ctx, principal, params }) => new CompanyService(ctx, principal).get(params.id),
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
    ({ ctx, principal, params, query }) => new CompanyService(ctx, principal).users(params.id, query),
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
    handler: ({ ctx, principal, params, body }) => new CompanyService(ctx, principal).update(params.id, body),
  })

  app.delete(
    '/:id',
    {
      ...requirePermissions(['company.delete'], everywhere),
      schema: { tags, summary: 'Delete an empty company', params: IdParams, response: { 204: noContent } },
    },
    async ({ ctx, principal, params }, reply) => {
      await new CompanyService(ctx, principal).delete(params.id)
      return reply.code(204).send(null)
    },
  )
}

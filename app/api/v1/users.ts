import { IdParams } from '../../schemas/common.ts'
import { restorableListQuery } from '../../schemas/list-query.ts'
import {
  MembershipCreate,
  MembershipParams,
  MembershipResponse,
  OwnProfileUpdate,
  OwnUserResponse,
  UserCreate,
  UserDetailResponse,
  UserFilters,
  UserListResponse,
  UserResponse,
  UserUpdate,
} from '../../schemas/user.ts'
import { UserService } from '../../services/user.ts'
import { MembershipService } from '../../services/users/memberships.ts'
import { OwnProfileService } from '../../services/users/own-profile.ts'
import { hearOwnChanges } from '../deps/access.ts'
import { requirePermissions, requireSession } from '../deps/auth.ts'
import { created, noContent, nothing } from '../http/replies.ts'
import type { App } from '../http/type-provider.ts'

const tags = ['Users']
const everywhere = { everywhere: true }

export async function userRoutes(app: App) {
  hearOwnChanges(app)

  app.get(
    '/',
    {
      ...requirePermissions(['user.read'], { deleted: 'user.delete' }),
      schema: {
        tags,
        summary: 'List the members of the company',
        querystring: restorableListQuery(UserFilters),
        response: { 200: UserListResponse },
      },
    },
    ({ ctx, query }) => new UserService(ctx).list(query),
  )

  app.post(
    '/',
    {
      ...requirePermissions(['user.create']),
      schema: {
        tags,
        summary: 'Create a user, a member of the company',
        body: UserCreate,
        response: { 201: UserResponse },
      },
    },
    async ({ ctx, body }, reply) => created(reply, await new UserService(ctx).create(body)),
  )

  app.get(
    '/me',
    { ...requireSession(), schema: { tags, summary: 'Your own profile', response: { 200: OwnUserResponse } } },
    ({ ctx }) => new OwnProfileService(ctx).get(),
  )

  app.route({
    method: ['PUT', 'PATCH'],
    url: '/me',
    ...requireSession(),
    schema: { tags, summary: 'Change your own profile', body: OwnProfileUpdate, response: { 200: OwnUserResponse } },
    handler: ({ ctx, body }) => new OwnProfileService(ctx).update(body),
  })

  app.get(
    '/:id',
    {
      ...requirePermissions(['user.read'], everywhere),
      schema: {
        tags,
        summary: 'Get a user, with roles and permissions',
        params: IdParams,
        response: { 200: UserDetailResponse },
      },
    },
    ({ ctx, params }) => new UserService(ctx).get(params.id),
  )

  app.route({
    method: ['PUT', 'PATCH'],
    url: '/:id',
    ...requirePermissions(['user.update'], everywhere),
    schema: { tags, summary: 'Update a user', params: IdParams, body: UserUpdate, response: { 200: UserResponse } },
    handler: ({ ctx, params, body }) => new UserService(ctx).update(params.id, body),
  })

  app.delete(
    '/:id',
    {
      ...requirePermissions(['user.delete'], everywhere),
      schema: { tags, summary: 'Delete a user', params: IdParams, response: { 204: noContent } },
    },
    ({ ctx, params }, reply) => nothing(reply, new UserService(ctx).delete(params.id)),
  )

  app.post(
    '/:id/restore',
    {
      ...requirePermissions(['user.delete'], everywhere),
      schema: { tags, summary: 'Bring a deleted user back', params: IdParams, response: { 200: UserResponse } },
    },
    ({ ctx, params }) => new UserService(ctx).restore(params.id),
  )

  app.post(
    '/:id/companies',
    {
      ...requirePermissions(['user.manage'], everywhere),
      schema: {
        tags,
        summary: 'Give a user a role in a company',
        params: IdParams,
        body: MembershipCreate,
        response: { 201: MembershipResponse },
      },
    },
    async ({ ctx, params, body }, reply) => {
      const membership = await new MembershipService(ctx).assign(params.id, body)
      reply.code(201).header('location', `/api/v1/users/${params.id}/companies/${membership.company_id}`)
      return membership
    },
  )

  app.delete(
    '/:id/companies/:company_id',
    {
      ...requirePermissions(['user.manage'], everywhere),
      schema: {
        tags,
        summary: 'End what a user has in a company',
        params: MembershipParams,
        response: { 204: noContent },
      },
    },
    ({ ctx, params }, reply) => nothing(reply, new MembershipService(ctx).remove(params.id)),
  )
}

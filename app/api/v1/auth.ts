import formbody from '@fastify/formbody'
import {
  LoginRequest,
  LoginResponse,
  PermissionsResponse,
  RefreshRequest,
  TokenResponse,
  UserResponse,
} from '../../schemas/auth.ts'
import { getCurrentUser, requireUser } from '../deps/auth.ts'
import { noContent } from '../http/replies.ts'
import type { App } from '../http/type-provider.ts'

const tags = ['Authentication']

export async function authRoutes(app: App) {
  await app.register(formbody) // here only: the docs page logs in with a form

  app.post(
    '/login',
    { schema: { tags, summary: 'Log in', body: LoginRequest, response: { 200: LoginResponse } } },
    ({ body, ip, headers }) =>
      app.auth.login(body.username, body.password, { ip_address: ip, user_agent: headers['user-agent'] }),
  )

  app.post(
    '/refresh',
    { schema: { tags, summary: 'Exchange a refresh token', body: RefreshRequest, response: { 200: TokenResponse } } },
    ({ body }) => app.auth.refresh(body.refresh_token),
  )

  app.post(
    '/logout',
    {
      ...requireUser(),
      preHandler: [], // no Idempotency-Key: its transaction would hold the connection that the end of the session needs
      schema: { tags, summary: 'End this session', response: { 204: noContent } },
    },
    async (request, reply) => {
      await app.auth.logout(request.principal.session_id)
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/me',
    { ...requireUser(), schema: { tags, summary: 'The current user', response: { 200: UserResponse } } },
    (request) => ({ ...getCurrentUser(request), current_company_id: request.ctx.company_id }),
  )

  app.get(
    '/permissions',
    {
      ...requireUser(),
      schema: { tags, summary: 'What the current user may do here', response: { 200: PermissionsResponse } },
    },
    ({ ctx, principal }) => ({
      permissions: [...ctx.permissions],
      roles: [...(principal.memberships.get(ctx.company_id ?? 0)?.roles ?? [])],
      is_superuser: principal.user.is_superuser,
    }),
  )
}

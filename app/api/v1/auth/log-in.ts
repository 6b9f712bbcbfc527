import {
  LoginRequest,
  LoginResponse,
  PermissionsResponse,
  RefreshRequest,
  SwitchCompanyRequest,
  TokenResponse,
} from '../../../schemas/auth.ts'
import { ErrorResponse } from '../../../schemas/common.ts'
import { OwnUserResponse } from '../../../schemas/user.ts'
import { logIn } from '../../../services/auth/log-in.ts'
import { SessionService } from '../../../services/auth/sessions.ts'
import { membershipOf } from '../../../services/context.ts'
import { ownUser } from '../../../services/users/own-user.ts'
import { getCurrentUser, requireCaller, requireSession } from '../../deps/auth.ts'
import { authOf } from '../../deps/auth-parts.ts'
import type { App } from '../../http/type-provider.ts'

const tags = ['Authentication']

export async function logInRoutes(app: App) {
  app.post(
    '/login',
    {
      config: { account: 'username' },
      schema: { tags, summary: 'Log in', body: LoginRequest, response: { 200: LoginResponse, 401: ErrorResponse } },
    },
    (request) => logIn(authOf(request), request.body),
  )

  app.post(
    '/refresh',
    {
      schema: {
        tags,
        summary: 'Exchange a refresh token',
        body: RefreshRequest,
        response: { 200: TokenResponse, 401: ErrorResponse },
      },
    },
    (request) => new SessionService(authOf(request)).refresh(request.body.refresh_token),
  )

  app.post(
    '/switch-company',
    {
      ...requireSession(),
      schema: {
        tags,
        summary: 'Work in another of your companies',
        body: SwitchCompanyRequest,
        response: { 200: TokenResponse },
      },
    },
    (request) => new SessionService(authOf(request)).switchCompany(request.principal, request.body.company_id),
  )

  app.get(
    '/me',
    { ...requireCaller(), schema: { tags, summary: 'The current user', response: { 200: OwnUserResponse } } },
    (request) => request.ctx.trusted((db) => ownUser(db, getCurrentUser(request), request.ctx.company_id)),
  )

  app.get(
    '/permissions',
    {
      ...requireCaller(),
      schema: { tags, summary: 'What the current user may do here', response: { 200: PermissionsResponse } },
    },
    ({ ctx }) => ({
      permissions: [...ctx.permissions],
      roles: [...(membershipOf(ctx)?.roles ?? [])],
      is_superuser: ctx.is_superuser,
    }),
  )
}

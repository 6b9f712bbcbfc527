import {
  LoginRequest,
  LoginResponse,
  PermissionsResponse,
  RefreshRequest,
  SwitchCompanyRequest,
  TokenResponse,
} from '../../../schemas/auth.ts'
import { ErrorResponse } from '../../../schemas/common.ts'
import { UserResponse } from '../../../schemas/user.ts'
import { LogInService } from '../../../services/auth/log-in.ts'
import { SessionService } from '../../../services/auth/sessions.ts'
import { getCurrentUser, requireSession, requireCaller } from '../../deps/auth.ts'
import { deviceOf } from '../../deps/device.ts'
import { authOf } from '../../deps/origin.ts'
import type { App } from '../../http/type-provider.ts'

const tags = ['Authentication']

export async function logInRoutes(app: App) {
  app.post(
    '/login',
    {
      config: { account: 'username' },
      schema: { tags, summary: 'Log in', body: LoginRequest, response: { 200: LoginResponse, 401: ErrorResponse } },
    },
    (request) => new LogInService(authOf(request)).logIn(request.body, deviceOf(request)),
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
    { ...requireCaller(), schema: { tags, summary: 'The current user', response: { 200: UserResponse } } },
    (request) => ({ ...getCurrentUser(request), current_company_id: request.ctx.company_id }),
  )

  app.get(
    '/permissions',
    {
      ...requireCaller(),
      schema: { tags, summary: 'What the current user may do here', response: { 200: PermissionsResponse } },
    },
    ({ ctx, principal }) => ({
      permissions: [...ctx.permissions],
      roles: [...(principal.memberships.get(ctx.company_id ?? 0)?.roles ?? [])],
      is_superuser: principal.is_superuser,
    }),
  )
}

import {
  AcceptedResponse,
  ChangePasswordRequest,
  ForgotPasswordRequest,
  ResetPasswordRequest,
} from '../../../schemas/account.ts'
import { TokenResponse } from '../../../schemas/auth.ts'
import { changePassword } from '../../../services/auth/change-password.ts'
import { ResetService } from '../../../services/auth/reset-password.ts'
import { getCurrentUser, requireSession } from '../../deps/auth.ts'
import { authOf } from '../../deps/auth-parts.ts'
import { noContent, nothing } from '../../http/replies.ts'
import type { App } from '../../http/type-provider.ts'

const tags = ['Authentication']

export async function passwordRoutes(app: App) {
  app.post(
    '/change-password',
    {
      ...requireSession(),
      schema: {
        tags,
        summary: 'Change your password, and end all your sessions but a new one',
        body: ChangePasswordRequest,
        response: { 200: TokenResponse },
      },
    },
    (request) => changePassword(authOf(request), getCurrentUser(request), request.body),
  )

  app.post(
    '/forgot-password',
    {
      config: { account: 'email' },
      schema: {
        tags,
        summary: 'Ask for a link that sets a new password',
        body: ForgotPasswordRequest,
        response: { 202: AcceptedResponse },
      },
    },
    async (request, reply) => {
      new ResetService(authOf(request)).sendLinks(request.body.email)
      return reply.code(202).send({ message: 'If there is an account with this address, a mail is on its way' })
    },
  )

  app.post(
    '/reset-password',
    {
      schema: {
        tags,
        summary: 'Set a new password by a link',
        body: ResetPasswordRequest,
        response: { 204: noContent },
      },
    },
    (request, reply) =>
      nothing(reply, new ResetService(authOf(request)).reset(request.body.token, request.body.new_password)),
  )
}

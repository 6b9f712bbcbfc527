import { AcceptedResponse, RegisterRequest, VerifyEmailRequest } from '../../../schemas/account.ts'
import { ErrorResponse } from '../../../schemas/common.ts'
import { register } from '../../../services/auth/registration.ts'
import { EmailVerificationService } from '../../../services/auth/verify-email.ts'
import { getCurrentUser, requireSession } from '../../deps/auth.ts'
import { authOf } from '../../deps/auth-parts.ts'
import { requireRegistration } from '../../deps/registration.ts'
import { noContent, nothing } from '../../http/replies.ts'
import type { App } from '../../http/type-provider.ts'

const tags = ['Authentication']

export async function registrationRoutes(app: App) {
  app.post(
    '/register',
    {
      ...requireRegistration(),
      schema: {
        tags,
        summary: 'Make an account for yourself, where that is allowed',
        body: RegisterRequest,
        response: { 202: AcceptedResponse, 404: ErrorResponse },
      },
    },
    async (request, reply) => {
      await register(authOf(request), request.body)
      return reply.code(202).send({ message: 'A mail is on its way to this address' })
    },
  )

  app.post(
    '/verify-email',
    {
      schema: {
        tags,
        summary: 'Confirm an e-mail address, or a registration, by a link',
        body: VerifyEmailRequest,
        response: { 204: noContent },
      },
    },
    (request, reply) => nothing(reply, new EmailVerificationService(authOf(request)).verify(request.body.token)),
  )

  app.post(
    '/verify-email/send',
    {
      ...requireSession(),
      schema: {
        tags,
        summary: 'Ask for a link that confirms your e-mail address',
        response: { 202: AcceptedResponse },
      },
    },
    async (request, reply) => {
      new EmailVerificationService(authOf(request)).sendLink(getCurrentUser(request).id)
      return reply.code(202).send({ message: 'A mail is on its way, unless your address is confirmed already' })
    },
  )
}

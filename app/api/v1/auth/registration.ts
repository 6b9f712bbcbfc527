import { AcceptedResponse, RegisterRequest, VerifyEmailRequest } from '../../../schemas/account.ts'
import { ErrorResponse } from '../../../schemas/common.ts'
import { RegistrationService } from '../../../services/auth/registration.ts'
import { EmailVerificationService } from '../../../services/auth/verify-email.ts'
import { getCurrentUser, requireSession } from '../../deps/auth.ts'
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
    async ({ body }, reply) => {
      await new RegistrationService(app.auth).register(body)
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
    ({ body }, reply) => nothing(reply, new EmailVerificationService(app.auth).verify(body.token)),
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
      new EmailVerificationService(app.auth).sendLink(getCurrentUser(request).id)
      return reply.code(202).send({ message: 'A mail is on its way, unless your address is confirmed already' })
    },
  )
}

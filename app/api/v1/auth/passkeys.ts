import { LoginResponse } from '../../../schemas/auth.ts'
import { ErrorResponse, IdParams } from '../../../schemas/common.ts'
import {
  PasskeyCreationOptions,
  PasskeyLoginRequest,
  PasskeyRegisterRequest,
  PasskeyRequestOptions,
  PasskeyResponse,
  PasskeysResponse,
} from '../../../schemas/passkey.ts'
import { PasskeyOptionsRequest } from '../../../schemas/two-factor.ts'
import { assertionOptions } from '../../../services/auth/passkey-assertion.ts'
import { logInByPasskey } from '../../../services/auth/passkey-log-in.ts'
import { PasskeyService } from '../../../services/auth/passkeys.ts'
import { getCurrentUser, requireSession } from '../../deps/auth.ts'
import { authOf } from '../../deps/auth-parts.ts'
import { noContent, nothing, wholeList } from '../../http/replies.ts'
import type { App } from '../../http/type-provider.ts'

const tags = ['Authentication']

export async function passkeyRoutes(app: App) {
  app.post(
    '/passkeys/register/options',
    {
      ...requireSession(),
      schema: {
        tags,
        summary: 'Begin to register a passkey',
        body: PasskeyOptionsRequest,
        response: { 200: PasskeyCreationOptions },
      },
    },
    (request) => new PasskeyService(authOf(request)).registrationOptions(getCurrentUser(request), request.body),
  )

  app.post(
    '/passkeys/register/verify',
    {
      ...requireSession(),
      schema: { tags, summary: 'Register a passkey', body: PasskeyRegisterRequest, response: { 201: PasskeyResponse } },
    },
    async (request, reply) => {
      const { principal, body } = request
      const passkey = await new PasskeyService(authOf(request)).register(principal.user.id, body)
      return reply.code(201).header('location', `${app.prefix}/passkeys/${passkey.id}`).send(passkey)
    },
  )

  app.post(
    '/passkeys/login/options',
    { schema: { tags, summary: 'Begin to log in by passkey', response: { 200: PasskeyRequestOptions } } },
    (request) => assertionOptions(authOf(request)),
  )

  app.post(
    '/passkeys/login/verify',
    {
      schema: {
        tags,
        summary: 'Log in by passkey',
        body: PasskeyLoginRequest,
        response: { 200: LoginResponse, 401: ErrorResponse },
      },
    },
    (request) => logInByPasskey(authOf(request), request.body.credential),
  )

  app.get(
    '/passkeys',
    { ...requireSession(), schema: { tags, summary: 'Your passkeys', response: { 200: PasskeysResponse } } },
    async (request) => wholeList(await new PasskeyService(authOf(request)).list(request.principal.user.id)),
  )

  app.delete(
    '/passkeys/:id',
    {
      ...requireSession(),
      schema: { tags, summary: 'Delete one of your passkeys', params: IdParams, response: { 204: noContent } },
    },
    (request, reply) =>
      nothing(reply, new PasskeyService(authOf(request)).remove(request.principal.user.id, request.params.id)),
  )
}

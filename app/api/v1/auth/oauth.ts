import cookie from '@fastify/cookie'
import { z } from 'zod'
import { LoginResponse } from '../../../schemas/auth.ts'
import { ErrorResponse, IdParams } from '../../../schemas/common.ts'
import {
  CallbackQuery,
  ExchangeRequest,
  OAuthAccountsResponse,
  ProviderParams,
  ProvidersResponse,
} from '../../../schemas/oauth.ts'
import { OAuthAccountService } from '../../../services/auth/oauth-accounts.ts'
import { OAuthService, STATE_MINUTES } from '../../../services/auth/oauth.ts'
import { requireSession } from '../../deps/auth.ts'
import { authOf } from '../../deps/auth-parts.ts'
import {
  dropHeld,
  exchangeUrl,
  frontEndUrl,
  heldBy,
  holdInBrowser,
  isNavigation,
  leadBack,
  redirectUri,
  returnedUrl,
} from '../../deps/oauth.ts'
import { noContent, nothing, wholeList } from '../../http/replies.ts'
import type { App } from '../../http/type-provider.ts'

const tags = ['Authentication']
const redirect = z.null().meta({ description: 'The browser goes on elsewhere' })

/** Log-in at a provider. docs/accounts.md tells how a front end uses it. */
export async function oauthRoutes(app: App) {
  await app.register(cookie) // here only: nothing else is known by a cookie
  await app.register(logInRoutes)
}

async function logInRoutes(app: App) {
  app.get(
    '/providers',
    { schema: { tags, summary: 'Where one may log in besides here', response: { 200: ProvidersResponse } } },
    (request) => wholeList(new OAuthService(authOf(request)).list()),
  )

  app.get(
    '/:provider/authorize',
    {
      errorHandler: leadBack,
      schema: { tags, summary: 'Go to a provider to log in', params: ProviderParams, response: { 302: redirect } },
    },
    async (request, reply) => {
      const uri = redirectUri(request, request.params.provider)
      const { url, state } = await new OAuthService(authOf(request)).begin(request.params.provider, uri)
      return holdInBrowser(reply, state, uri, STATE_MINUTES).redirect(url, 302)
    },
  )

  app.get(
    '/:provider/callback',
    {
      errorHandler: leadBack,
      schema: {
        tags,
        summary: 'Come back from a provider',
        params: ProviderParams,
        querystring: CallbackQuery,
        response: { 200: LoginResponse, 302: redirect, 401: ErrorResponse },
      },
    },
    async (request, reply) => {
      const oauth = new OAuthService(authOf(request))
      const url = returnedUrl(request, request.params.provider)
      dropHeld(reply, url.href)
      const proven = await oauth.complete(request.params.provider, { url, held_state: heldBy(request) })
      if (!isNavigation(request)) return oauth.logIn(proven, {})
      const { code, minutes } = await oauth.handOver(proven)
      return holdInBrowser(reply, code, exchangeUrl(request), minutes).redirect(frontEndUrl(request, { code }), 302)
    },
  )

  app.post(
    '/exchange',
    {
      schema: {
        tags,
        summary: 'Log in with the code that the front end got',
        body: ExchangeRequest,
        response: { 200: LoginResponse, 401: ErrorResponse },
      },
    },
    async (request, reply) => {
      const exchange = { ...request.body, held_code: heldBy(request) }
      const started = await new OAuthService(authOf(request)).exchange(exchange)
      dropHeld(reply, exchangeUrl(request))
      return started
    },
  )
}

/** A user's links. Below `/oauth` their address would look like a provider's. */
export async function oauthAccountRoutes(app: App) {
  app.get(
    '/',
    {
      ...requireSession(),
      schema: { tags, summary: 'Your accounts at providers', response: { 200: OAuthAccountsResponse } },
    },
    async (request) => wholeList(await new OAuthAccountService(authOf(request)).list(request.principal.user.id)),
  )

  app.delete(
    '/:id',
    {
      ...requireSession(),
      schema: { tags, summary: 'Unlink one of them', params: IdParams, response: { 204: noContent } },
    },
    (request, reply) =>
      nothing(reply, new OAuthAccountService(authOf(request)).remove(request.principal.user.id, request.params.id)),
  )
}

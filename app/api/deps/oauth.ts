import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError, type ErrorCode } from '../../core/errors.ts'
import { providerReason } from '../../core/oauth-provider-errors.ts'
import { handleError } from '../http/error-handler.ts'

// What is peculiar to a log-in that leaves for another site and comes back.

const HELD = 'fastvue_oauth'
const FAILURES: readonly ErrorCode[] = ['oauth_failed', 'provider_unavailable']

/** Where this server is for browsers. `config.ts` demands `PUBLIC_URL` in production: the Host header is its sender's choice. */
function publicUrl({ server, protocol, host }: FastifyRequest): string {
  const url = server.settings.PUBLIC_URL ?? `${protocol}://${host}`
  if (!URL.canParse(url)) throw new AppError('bad_request', 'The Host header is no host')
  return url
}

/** Where a provider sends the browser back to: what has to be registered there. */
export const redirectUri = (request: FastifyRequest, provider: string): string =>
  `${publicUrl(request)}/api/v1/auth/oauth/${encodeURIComponent(provider)}/callback`

/** The redirect URI as the browser came to it, with the provider's parameters. */
export function returnedUrl(request: FastifyRequest, provider: string): URL {
  const url = new URL(redirectUri(request, provider))
  url.search = request.url.split('?').slice(1).join('?')
  return url
}

export const exchangeUrl = (request: FastifyRequest): string => `${publicUrl(request)}/api/v1/auth/oauth/exchange`

/**
 * Ties what is in an address to this browser: it counts only together with the cookie, which the browser sends to `url` alone. A
 * page of an attacker's can make a browser open an address, but not put a cookie into it.
 */
export function holdInBrowser(reply: FastifyReply, token: string, url: string, minutes: number): FastifyReply {
  const { pathname, protocol } = new URL(url)
  return reply.setCookie(HELD, token, {
    path: pathname,
    maxAge: minutes * 60,
    httpOnly: true,
    sameSite: 'lax', // `strict` would not come along when the provider sends the browser back
    secure: protocol === 'https:',
  })
}

export function dropHeld(reply: FastifyReply, url: string): FastifyReply {
  return reply.clearCookie(HELD, { path: new URL(url).pathname })
}

/** What the browser has been given to keep. */
export const heldBy = ({ cookies }: FastifyRequest): string | undefined => cookies[HELD]

/** Whether a person's browser opens the address, rather than a program. */
export const isNavigation = ({ headers }: FastifyRequest): boolean => headers.accept?.includes('text/html') ?? false

export const frontEndUrl = ({ server }: FastifyRequest, query: Record<string, string>): string =>
  `${server.settings.FRONTEND_URL}/auth/callback?${new URLSearchParams(query).toString()}`

/** A person in a browser is led back to the front end with the error's code; a program gets the error itself. */
export function leadBack(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const failure = error instanceof AppError && FAILURES.includes(error.code) ? error : undefined
  const reason = failure && providerReason(failure)
  if (reason) request.log.warn({ reason, request_id: request.id }, 'log-in at a provider failed')
  if (failure && isNavigation(request)) reply.redirect(frontEndUrl(request, { error: failure.code }), 302)
  else handleError(error, request, reply)
}

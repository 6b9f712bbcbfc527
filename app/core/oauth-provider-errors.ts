import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client'
import { AppError } from './errors.ts'

/** What went wrong at a provider, as the caller may know it: nothing of the provider's own text. */
export function providerErrors(error: unknown): AppError {
  return new AppError(isAway(error) ? 'provider_unavailable' : 'oauth_failed', undefined, { cause: error })
}

/** For the log: a code (RFC 6749 §5.2, or openid-client's own) or the error's name; no text, which could hold tokens. */
export function providerReason({ cause }: AppError): string | undefined {
  if (cause instanceof ResponseBodyError || cause instanceof AuthorizationResponseError) return codeOnly(cause.error)
  if (cause instanceof ClientError) return cause.code
  return cause instanceof Error ? cause.name : undefined
}

/** No answer, none in time, or one that says so. `fetch` throws a TypeError with a cause when the network fails. */
function isAway(error: unknown): boolean {
  if (error instanceof ResponseBodyError) return error.status >= 500
  if (error instanceof ClientError && ['OAUTH_TIMEOUT', 'OAUTH_ABORT'].includes(error.code ?? '')) return true
  if (!(error instanceof Error)) return false
  if (error.cause instanceof Response) return error.cause.status >= 500
  return error.name === 'TimeoutError' || (error instanceof TypeError && error.message === 'fetch failed')
}

const codeOnly = (code: string): string => (/^\w{1,50}$/.test(code) ? code : 'unknown')

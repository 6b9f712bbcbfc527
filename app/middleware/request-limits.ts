import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'

/** What Node enforces of the limits, as options of Fastify. A caller gets its answer from `unroutable`. */
export const serverLimits = (limits: Limits) => ({
  requestTimeout: limits.requestTimeout,
  connectionTimeout: limits.silenceTimeout,
  keepAliveTimeout: limits.keepAliveTimeout,
  http: {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersTimeout,
    connectionsCheckingInterval: limits.checkInterval,
  },
})

/**
 * Refuses what is too long or too many before anything else looks at it, and bodies that are compressed: a small one may be
 * of any size once it is not. What is in order costs three comparisons.
 */
export function requestLimits(app: FastifyInstance, limits: Limits): void {
  // Drop: else workers that are full pass a connection on to each other, for ever.
  Object.assign(app.server, { maxConnections: limits.connections, dropMaxConnection: true })
  app.addHook('onRequest', (request, _reply, done) => done(faultOf(request, limits)))
}

function faultOf({ raw, headers }: FastifyRequest, limits: Limits): AppError | undefined {
  const { url = '', rawHeaders } = raw
  if (url.length > limits.addressLength) return new AppError('uri_too_long')
  // Each takes two characters at least.
  if (url.length > 2 * limits.queryParameters && parametersOf(url) > limits.queryParameters)
    return new AppError('uri_too_long')
  if (rawHeaders.length > 2 * limits.headers) return new AppError('headers_too_large')
  const encoding = headers['content-encoding']
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return undefined
  return new AppError('unsupported_media_type', 'Send the body uncompressed')
}

function parametersOf(url: string): number {
  const start = url.indexOf('?')
  if (start < 0) return 0
  let count = 1
  for (let at = url.indexOf('&', start); at >= 0; at = url.indexOf('&', at + 1)) count++
  return count
}

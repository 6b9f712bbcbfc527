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
    requireHostHeader: false, // below it is asked for with an answer that looks like all others
  },
})

/**
 * Refuses what is too long or too many before anything else looks at it, no host or two among it (RFC 9112, section 3.2), and bodies
 * that are compressed: a small one may be of any size once it is not. What is in order costs a comparison of each name's length and
 * three more.
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
  const hosts = hostsIn(rawHeaders)
  if (hosts > 1 || (hosts === 0 && raw.httpVersion !== '1.0'))
    return new AppError('bad_request', 'Send one Host header')
  const encoding = headers['content-encoding']
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return undefined
  return new AppError('unsupported_media_type', 'Send the body uncompressed')
}

/** How many are named. Of two Node takes the first; a proxy in front may have taken the last. */
function hostsIn(rawHeaders: string[]): number {
  let hosts = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  return hosts
}

function parametersOf(url: string): number {
  const start = url.indexOf('?')
  if (start < 0) return 0
  let count = 1
  for (let at = url.indexOf('&', start); at >= 0; at = url.indexOf('&', at + 1)) count++
  return count
}

import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { LogLevels } from '../core/log-levels.ts'
import { maskedBody, maskedHeaders, maskedQuery, pathOf } from './masked-request.ts'
import { logRefusal } from './security-log.ts'

export { logSecurityEvent } from './security-log.ts'

/** Paths that are asked for all the time and tell nothing. */
export const EXCLUDED_PATHS = [
  '/',
  '/health',
  '/health/ready',
  '/metrics',
  '/api/v1/docs',
  '/api/v1/redoc',
  '/api/v1/openapi.json',
  '/api/v1/ws',
  '/ws',
]
const LATE_MS = 2000
const SLOW_MS = 5000

export interface RequestLogOptions {
  levels: LogLevels
  /** Exact paths whose requests get no line. */
  excluded_paths?: readonly string[]
  /** Bodies and headers of requests, masked, in each line; unset: where the module's level is DEBUG. */
  log_request_body?: boolean
  /** Bodies of replies, masked. */
  log_response_body?: boolean
}

/** Logs every request once its reply is sent: who asked for what, and how it went. Refusals go to the security log, too. */
export function requestLogging(
  app: FastifyInstance,
  { levels, excluded_paths = EXCLUDED_PATHS, log_request_body, log_response_body = false }: RequestLogOptions,
): void {
  const excluded = new Set(excluded_paths)
  const replies = new WeakMap<FastifyRequest, unknown>()
  const moduleLoggers = new Map<string, FastifyBaseLogger>()

  /** The logger of `/api/v1/auth/login` is that of the module `app.api.v1.auth.login`, and so of `app.api.v1.auth`. */
  function loggerOf({ routeOptions }: FastifyRequest): FastifyBaseLogger {
    const route = routeOptions?.url ?? ''
    let logger = moduleLoggers.get(route)
    if (!logger) moduleLoggers.set(route, (logger = levels.logger(app.log, `app${route.replaceAll('/', '.')}`)))
    return logger
  }

  app.decorate('logRequest', (request: FastifyRequest, reply: FastifyReply) => {
    logRefusal(request, reply)
    const path = pathOf(request)
    if (excluded.has(path) || isOpened(request, reply)) return
    const logger = loggerOf(request)
    const ms = Math.round(reply.elapsedTime * 10) / 10
    const line: Record<string, unknown> = {
      method: request.method,
      path,
      status: reply.statusCode,
      ms,
      ip: request.ip,
      user_id: request.principal?.user.id ?? null,
      request_id: request.id,
    }
    if (path.length < request.url.length) line['query'] = maskedQuery(request)
    if (ms > SLOW_MS) line['tag'] = 'SLOW'
    if (log_request_body ?? logger.level === 'debug') {
      line['headers'] = maskedHeaders(request)
      line['body'] = maskedBody(request, request.body)
    }
    if (log_response_body) line['reply'] = maskedBody(request, replies.get(request))
    logger[levelOf(reply.statusCode, ms)](line, 'request')
  })
  app.addHook('onResponse', (request, reply, done) => {
    done()
    app.logRequest(request, reply)
  })
  if (log_response_body)
    app.addHook('onSend', (request, _reply, payload, done) => {
      replies.set(request, payload)
      done(null, payload)
    })
}

const levelOf = (status: number, ms: number) => (status >= 500 ? 'error' : ms > LATE_MS ? 'warn' : 'info')

/** A live connection that was let in: `connected` and `disconnected` say more than a line after hours. */
const isOpened = (request: FastifyRequest, { statusCode }: FastifyReply): boolean =>
  request.routeOptions?.config?.live === true && statusCode < 400

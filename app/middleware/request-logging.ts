import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** Paths that are asked for all the time and tell nothing. */
const EXCLUDED: ReadonlySet<string> = new Set([
  '/',
  '/health',
  '/health/ready',
  '/api/v1/docs',
  '/api/v1/redoc',
  '/api/v1/openapi.json',
])
const LATE_MS = 2000
const SLOW_MS = 5000

/** Logs every request once its reply is sent. */
export function requestLogging(app: FastifyInstance): void {
  app.addHook('onResponse', (request, reply, done) => {
    done()
    logRequest(request, reply)
  })
}

/** One JSON line: who asked for what, and how it went. The query string is left out: it may hold secrets. */
export function logRequest(request: FastifyRequest, reply: FastifyReply): void {
  const path = request.url.split('?', 1)[0] ?? ''
  if (EXCLUDED.has(path) || isOpened(request, reply)) return
  const ms = Math.round(reply.elapsedTime * 10) / 10
  const line = {
    method: request.method,
    path,
    status: reply.statusCode,
    ms,
    ip: request.ip,
    user_id: request.principal?.user.id ?? null,
    request_id: request.id,
  }
  if (ms > SLOW_MS) request.log.warn({ ...line, tag: 'SLOW' }, 'request')
  else if (ms > LATE_MS) request.log.warn(line, 'request')
  else request.log.info(line, 'request')
}

/** A live connection that was let in: `connected` and `disconnected` say more than a line after hours. */
const isOpened = (request: FastifyRequest, { statusCode }: FastifyReply): boolean =>
  request.routeOptions?.config?.live === true && statusCode < 400

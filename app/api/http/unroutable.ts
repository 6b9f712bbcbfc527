import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../core/errors.ts'
import type { Settings } from '../../core/config.ts'
import { securityHeadersOf } from '../../middleware/security.ts'
import { handleError } from './error-handler.ts'

/**
 * Answers what reaches no route, and so no hook: an address that cannot be decoded, and a message that is not HTTP. With
 * the headers and the error shape of every reply.
 */
export function unroutable(settings: Settings) {
  const headers = securityHeadersOf(settings)
  return {
    frameworkErrors(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
      reply.headers({ ...Object.fromEntries(headers), 'x-request-id': request.id })
      reply.raw.once('finish', () => {
        request.server.logRequest(request, reply)
        request.server.examineUnroutable(request, reply)
      })
      handleError(error, request, reply)
    },

    clientErrorHandler({ code }: Error & { code?: string }, socket: Socket): void {
      // Gone, or idle for too long: to wait for another request on this connection would be in vain.
      if (!socket.writable || code === 'ECONNRESET' || code === 'ERR_HTTP_REQUEST_TIMEOUT') return void socket.destroy()
      const request_id = crypto.randomUUID()
      const error = new AppError('bad_request', 'Not HTTP, or more headers than fit')
      const body = JSON.stringify({ detail: error.detail, code: error.code, request_id })
      const all = [
        ...headers,
        ['x-request-id', request_id],
        ['content-type', 'application/json; charset=utf-8'],
        ['content-length', Buffer.byteLength(body)],
        ['connection', 'close'],
      ]
      const head = all.map(([name, value]) => `${name}: ${value}\r\n`).join('')
      socket.end(`HTTP/1.1 ${error.status} Bad Request\r\n${head}\r\n${body}`)
    },
  }
}

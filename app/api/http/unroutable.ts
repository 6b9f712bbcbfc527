import { STATUS_CODES, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../core/errors.ts'
import { LIMITS } from '../../core/limits.ts'
import type { Settings } from '../../core/config.ts'
import { countUnrouted } from '../../middleware/request-metrics.ts'
import { securityHeadersOf } from '../../middleware/security.ts'
import { handleError } from './error-handler.ts'

/** What Node says of a message that it did not take. */
type ClientError = Error & { code?: string; rawPacket?: unknown }

// How long a caller that goes on sending may take to read its reply: to cut the connection at once would lose that, too.
const LINGER_MS = 1000

/**
 * Answers what reaches no route, and so no hook: an address that cannot be decoded, and a message that is not HTTP, too
 * long or too slow. With the headers and the error shape of every reply.
 */
export function unroutable(settings: Settings) {
  const headers = securityHeadersOf(settings)
  const ending = new WeakSet<Socket>()
  return {
    frameworkErrors(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
      reply.headers({ ...Object.fromEntries(headers), 'x-request-id': request.id })
      countUnrouted(request, reply)
      reply.raw.once('finish', () => {
        request.server.logRequest(request, reply)
        request.server.examineUnroutable(request, reply)
      })
      handleError(error, request, reply)
    },

    clientErrorHandler(error: ClientError, socket: Socket): void {
      if (ending.has(socket)) return // more of what was answered already
      // Gone, silent from the start, or in the middle of a reply.
      const isUnheard = !socket.writable || error.code === 'ECONNRESET' || socket.bytesRead === 0
      if (isUnheard || isAnswering(socket)) return void socket.destroy()
      ending.add(socket)
      const { status, code, detail } = meaningOf(error)
      const request_id = crypto.randomUUID()
      const body = JSON.stringify({ detail, code, request_id })
      const all = [
        ...headers,
        ['x-request-id', request_id],
        ['content-type', 'application/json; charset=utf-8'],
        ['content-length', Buffer.byteLength(body)],
        ['connection', 'close'],
      ]
      const head = all.map(([name, value]) => `${name}: ${value}\r\n`).join('')
      socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n${body}`)
      const cut = setTimeout(() => socket.destroy(), LINGER_MS).unref()
      socket.once('close', () => clearTimeout(cut))
    },
  }
}

/** Whether another reply is under way, which ours would become a part of. As Node's own handler looks for it. */
function isAnswering(socket: Socket): boolean {
  const reply: unknown = Reflect.get(socket, '_httpMessage')
  return reply instanceof ServerResponse && reply.headersSent
}

function meaningOf({ code, rawPacket }: ClientError): AppError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new AppError('request_timeout')
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return new AppError('body_too_large')
  if (code !== 'HPE_HEADER_OVERFLOW') return new AppError('bad_request', 'Not HTTP')
  // Node counts all of it together. Where the first line alone is too long, it is the address.
  const [line = ''] = Buffer.isBuffer(rawPacket) ? rawPacket.toString('latin1').split('\n', 1) : []
  const isAddress = /^[A-Z]+ /.test(line) && line.length > LIMITS.addressLength
  return new AppError(isAddress ? 'uri_too_long' : 'headers_too_large')
}

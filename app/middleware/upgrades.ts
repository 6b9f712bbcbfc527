import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'

/** Where a WebSocket may be asked for. On all other routes the wish is ignored, as HTTP has it (RFC 9110 §7.8). */
const SOCKET = /^\/api\/v1\/ws\/?(\?|$)/

/** Whether a request that asks for another protocol gets it. Node since 24.9 asks this. */
export const shouldUpgrade = ({ url = '', method, headers }: IncomingMessage): boolean =>
  method === 'GET' && SOCKET.test(url) && headers.upgrade?.toLowerCase() === 'websocket'

type Raw = IncomingMessage & { upgrade?: boolean | null }

/**
 * Node lets go of a connection whose request asks for another protocol: nobody would hear a second request on it, nor an end.
 * One that gets a reply instead ends with it.
 */
export function upgrades(app: FastifyInstance): void {
  const isLetGo = ({ raw }: { raw: Raw }): boolean => raw.upgrade === true
  app.addHook('onSend', (request, reply, payload, done) => {
    if (isLetGo(request)) reply.header('connection', 'close')
    done(null, payload)
  })
  app.addHook('onResponse', (request, _reply, done) => {
    if (isLetGo(request)) request.raw.socket.destroySoon()
    done()
  })
}

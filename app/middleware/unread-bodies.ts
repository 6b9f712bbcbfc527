import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Limits } from '../core/limits.ts'

/**
 * A reply may be there before all of its request is: a body that is too large, a token that is refused. What is still on its
 * way is read and dropped, for `unreadTimeout` at most. To close the connection under a caller that is still sending would
 * reset it, and the reply be lost (RFC 9112, section 9.6).
 */
export function unreadBodies(app: FastifyInstance, { unreadTimeout }: Pick<Limits, 'unreadTimeout'>): void {
  app.addHook('onSend', ({ raw }, _reply, payload, done) => {
    if (!raw.complete && !raw.readableEnded && hasBody(raw)) dropRest(raw, unreadTimeout)
    done(null, payload)
  })
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined

function dropRest(request: IncomingMessage, patience: number): void {
  const { socket } = request
  const cut = setTimeout(() => socket.destroy(), patience).unref()
  const read = () => {
    clearTimeout(cut)
    Reflect.deleteProperty(socket, 'destroySoon') // the class's own again
    if (socket.writableEnded) socket.destroySoon()
  }
  // What Node calls where a reply is its connection's last.
  socket.destroySoon = () => socket.end()
  request.once('end', read).once('close', read).resume()
}

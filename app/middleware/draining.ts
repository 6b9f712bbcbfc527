import type { FastifyInstance } from 'fastify'

/**
 * While the server stops, replies close their connection. Left open it would be idle a moment later, and the server would
 * wait for its caller to close it.
 */
export function draining(app: FastifyInstance): void {
  let stopping = false
  app.addHook('preClose', (done) => {
    stopping = true
    done()
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (stopping) reply.header('connection', 'close')
    done(null, payload)
  })
}

import cluster from 'node:cluster'
import { once } from 'node:events'
import { type Socket, Server } from 'node:net'
import { setImmediate as untilPolled, setTimeout as delay } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { askParent } from '../core/parent-process.ts'

// The longest that requests are held up while the server stops listening.
const MOST_HELD_MS = 5000

/**
 * Lets a server end without losing a request: `app.drain(patience)`, then `app.close()`. From then on no connection is
 * taken, and each reply closes the one it goes through, so that its caller sends nothing more there. A connection with
 * nothing on it may have a request on its way: `app.close()` resets it, after another `patience` milliseconds. `endStreams`
 * ends what would last for ever, once whoever comes again comes to another process.
 */
export function draining(app: FastifyInstance, endStreams: () => unknown): void {
  const connections = new Set<Socket>()
  let taken = 0
  let held: Promise<void> | undefined
  let stopping = false
  app.server.on('connection', (socket) => {
    taken += 1
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  app.addHook('onRequest', (_request, _reply, done) => {
    if (held) void held.then(() => done())
    else done()
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (stopping) reply.header('connection', 'close')
    done(null, payload)
  })

  app.decorate('drain', async (patience: number) => {
    const { promise, resolve: release } = Promise.withResolvers<void>()
    held = promise
    const empty = once(app.server, 'close')
    await Promise.race([stopListening(), delay(MOST_HELD_MS, undefined, { ref: false })])
    stopping = true
    held = undefined
    release()
    await endStreams()
    await Promise.race([empty, delay(patience, undefined, { ref: false })])
    await untilPolled() // after a pause of this process there may be requests that it has not seen
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy() // Node 24 does not count these as idle
  })

  /**
   * Connections that the kernel or the parent has for us may have brought their requests: they are taken first. Node takes
   * one in each turn of its loop, so a turn must be short: requests are held. Nobody is told to close a connection before
   * we are deaf, or they would come with a new one.
   */
  async function stopListening(): Promise<void> {
    const turn = cluster.isWorker ? () => askParent('turn') : () => untilPolled()
    await untilPolled() // the rest of this turn
    for (let before = -1; taken > before;) {
      before = taken
      await turn()
    }
    Server.prototype.close.call(app.server) // HTTP's own would reset the idle connections
    if (cluster.isWorker) await askParent('closed')
  }
}

import websocket from '@fastify/websocket'
import { z } from 'zod'
import { AppError } from '../../core/errors.ts'
import { ErrorResponse } from '../../schemas/common.ts'
import { EventsQuery, LiveEvent, SocketQuery } from '../../schemas/live.ts'
import { BEARER, identityOf, requireSocket, requireStream } from '../deps/live.ts'
import { StreamClient } from '../live/stream-client.ts'
import { MESSAGE_BYTES, SocketClient } from '../live/socket-client.ts'
import type { App } from '../http/type-provider.ts'

const tags = ['Live events']
const upgraded = z.null().meta({ description: 'The connection is a WebSocket from here on' })
// How long the other side of a closing handshake is waited for.
const CLOSING_MS = 2000

const SERVER = {
  maxPayload: MESSAGE_BYTES,
  perMessageDeflate: false, // what is compressed takes memory for each, and tells its secrets by its length
  handleProtocols: (offered: Set<string>) => (offered.has(BEARER) ? BEARER : false),
  closeTimeout: CLOSING_MS,
}

/** What happens, as it happens: see docs/live-events.md. */
export async function liveRoutes(app: App) {
  await app.register(websocket, {
    options: SERVER,
    errorHandler: (_error, socket) => socket.terminate(), // of the connection: `close` follows
    preClose: (done) => done(), // `app.live` closes them
  })

  app.route({
    method: 'GET',
    url: '/ws',
    ...requireSocket(),
    schema: {
      tags,
      summary: 'Live events over a WebSocket',
      querystring: SocketQuery,
      response: { 101: upgraded, 426: ErrorResponse },
    },
    handler: async (_request, reply) => {
      reply.header('upgrade', 'websocket')
      throw new AppError('upgrade_required')
    },
    wsHandler: (socket, request) => void new SocketClient(socket, app.live, identityOf(request)),
  })

  app.get(
    '/events',
    {
      ...requireStream(),
      exposeHeadRoute: false, // a stream has no head without a body
      schema: {
        tags,
        summary: 'Live events as a stream (Server-Sent Events)',
        produces: ['text/event-stream'],
        querystring: EventsQuery,
        response: { 200: LiveEvent },
      },
    },
    async (request, reply) => {
      reply.hijack()
      for (const [name, value] of Object.entries(reply.getHeaders())) if (value) reply.raw.setHeader(name, value)
      reply.raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' })
      reply.raw.flushHeaders()
      void new StreamClient(reply.raw, app.live, identityOf(request))
    },
  )
}

import { once } from 'node:events'
import { type AddressInfo, type Socket, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { LIMITS } from '../../app/core/limits.ts'
import { TIMING } from '../../app/services/live/parts.ts'
import { describe, expect, test as base } from '../support/fixtures.ts'
import { dial } from '../support/live.ts'
import { ownApp } from '../support/own-app.ts'

const QUICK = { headersTimeout: 200, requestTimeout: 400, silenceTimeout: 500, keepAliveTimeout: 1, checkInterval: 20 }

const test = base
  .extend('server', async ({ engine, settings }, { onCleanup }) => {
    const own = await ownApp({ engine, settings, limits: { ...QUICK, connections: 4 } })
    onCleanup(() => own[Symbol.asyncDispose]())
    own.app.get('/api/v1/long', () => 'x'.repeat(20 * 1024 * 1024))
    await own.app.listen({ port: 0, host: '127.0.0.1' })
    return { app: own.app, port: (own.app.server.address() as AddressInfo).port }
  })
  .extend('open', ({ server }, { onCleanup }) => {
    const sockets: Socket[] = []
    onCleanup(() => sockets.forEach((socket) => socket.destroy()))
    return () => {
      const socket = connect(server.port, '127.0.0.1').on('error', () => {}) // followed by `close`
      sockets.push(socket)
      return socket
    }
  })

/** Sends a text a character at a time, for as long as the other side lets it. */
function trickle(socket: Socket, message: string): void {
  const characters = message[Symbol.iterator]()
  const next = setInterval(() => {
    const { value, done } = characters.next()
    if (done) clearInterval(next)
    else if (socket.writable) socket.write(value)
  }, 15)
  socket.once('close', () => clearInterval(next))
}

const HEAD =
  'POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 200\r\n\r\n'

describe('a client', () => {
  const SLOW: [string, (socket: Socket) => void][] = [
    ['headers', (socket) => trickle(socket, HEAD)],
    ['no end of headers', (socket) => socket.write(HEAD.slice(0, -2))],
    ['a body', (socket) => socket.write(HEAD, () => trickle(socket, ' '.repeat(200)))],
    ['no end of a body', (socket) => socket.write(`${HEAD}{`)],
    [
      'a body in chunks',
      (socket) =>
        socket.write(HEAD.replace('Content-Length: 200', 'Transfer-Encoding: chunked'), () =>
          trickle(socket, '1\r\n \r\n'.repeat(50)),
        ),
    ],
  ]
  test.for(SLOW)('that sends %s too slowly is told so, and its connection is closed', async ([, send], { open }) => {
    const socket = open()
    send(socket)
    const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n')
    expect(head).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n[^]*connection: close/)
    const [, request_id] = /x-request-id: (\S+)/.exec(head) ?? []
    expect(JSON.parse(body)).toEqual({ code: 'request_timeout', detail: expect.any(String), request_id })
  })

  test('that sends a little slowly is served', async ({ open }) => {
    const socket = open()
    socket.write(HEAD.replace('200', '5'), () => trickle(socket, '{   }'))
    const [reply] = (await once(socket, 'data')) as [Buffer]
    expect(reply.toString()).toMatch(/^HTTP\/1\.1 422 /)
  })

  test('that sends nothing at all is cut off without a word', async ({ open }) => {
    expect(await text(open())).toBe('')
  })

  test('that never reads its reply is cut off', async ({ server: { app }, open }) => {
    const socket = open()
    const [served] = (await once(app.server, 'connection')) as [Socket]
    socket.pause().write('GET /api/v1/long HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(served, 'close')
    const read = await text(socket).catch(() => '') // what had arrived by then
    expect(read.length).toBeLessThan(20 * 1024 * 1024)
  })

  test('that keeps a connection idle is hung up on', async ({ open }) => {
    const socket = open()
    socket.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 [^]*"healthy"\}$/)
  })

  test('is hung up on where there are too many, and served once there are fewer', async ({ open }) => {
    const first = open()
    const others = [open(), open(), open()]
    await Promise.all([first, ...others].map((socket) => once(socket, 'connect')))
    expect(await text(open())).toBe('')
    first.destroy()
    await expect
      .poll(async () => {
        const socket = open()
        socket.write('GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
        return text(socket).catch(() => '')
      })
      .toMatch(/^HTTP\/1\.1 200 /)
  })

  test('with a WebSocket may say nothing for longer', async ({ server: { port }, open, authHeaders, testUser }) => {
    const token = authHeaders(testUser).authorization.slice('Bearer '.length)
    const listener = await dial({ url: `http://127.0.0.1:${port}`, token })
    await listener.hear('connection:established')
    for (let n = 0; n < 4; n++) expect(await text(open())).toBe('') // as long as a silent one is let
    expect(await listener.echo()).toEqual([])
    listener.socket.terminate()
  })
})

base('times fit each other, and what is before us and behind us', () => {
  expect(LIMITS.headersTimeout).toBeLessThan(LIMITS.requestTimeout)
  expect(LIMITS.keepAliveTimeout).toBeGreaterThan(60_000) // nginx and the load balancers of clouds
  expect(LIMITS.silenceTimeout).toBeGreaterThan(2 * TIMING.heartbeat) // a stream of events that is quiet
  expect(LIMITS.silenceTimeout).toBeGreaterThan(LIMITS.keepAliveTimeout)
  expect(LIMITS.connections).toBeGreaterThan(10_000) // live ones, and room for others
})

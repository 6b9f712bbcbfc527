import { once } from 'node:events'
import { type AddressInfo, type Socket, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { LIMITS, type Limits } from '../../app/core/limits.ts'
import { TIMING } from '../../app/services/live/parts.ts'
import { describe, expect, test as base } from '../support/fixtures.ts'
import { dial } from '../support/live.ts'
import { ownApp } from '../support/own-app.ts'

const QUICK = { silenceTimeout: 500, keepAliveTimeout: 1, checkInterval: 20 }
const QUICK_HEADERS = { ...QUICK, headersTimeout: 200 }
const QUICK_BODY = { ...QUICK_HEADERS, requestTimeout: 400 } // Node wants it to be the longer one

const test = base
  // An app that listens, with these limits. @returns its port, what opens connections to it, and what it has of the next one
  .extend('serve', ({ engine, settings }, { onCleanup }) => async (limits: Partial<Limits>) => {
    const own = await ownApp({ engine, settings, limits })
    const sockets: Socket[] = []
    onCleanup(() => {
      for (const socket of sockets) socket.destroy()
      return own[Symbol.asyncDispose]()
    })
    own.app.get('/api/v1/long', () => 'x'.repeat(20 * 1024 * 1024))
    await own.app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = own.app.server.address() as AddressInfo
    const open = () => {
      const socket = connect(port, '127.0.0.1').on('error', () => {}) // followed by `close`
      sockets.push(socket)
      return socket
    }
    return { port, open, next: () => once(own.app.server, 'connection') as Promise<[Socket]> }
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
  const SLOW: [string, Partial<Limits>, (socket: Socket) => void][] = [
    ['headers', QUICK_HEADERS, (socket) => trickle(socket, HEAD)],
    ['no end of headers', QUICK_HEADERS, (socket) => socket.write(HEAD.slice(0, -2))],
    ['a body', QUICK_BODY, (socket) => socket.write(HEAD, () => trickle(socket, ' '.repeat(200)))],
    ['no end of a body', QUICK_BODY, (socket) => socket.write(`${HEAD}{`)],
    [
      'a body in chunks',
      QUICK_BODY,
      (socket) =>
        socket.write(HEAD.replace('Content-Length: 200', 'Transfer-Encoding: chunked'), () =>
          trickle(socket, '1\r\n \r\n'.repeat(50)),
        ),
    ],
  ]
  test.for(SLOW)(
    'that sends %s too slowly is told so, and its connection is closed',
    async ([, limits, send], { serve }) => {
      const socket = (await serve(limits)).open()
      send(socket)
      const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n')
      expect(head).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n[^]*connection: close/)
      const [, request_id] = /x-request-id: (\S+)/.exec(head) ?? []
      expect(JSON.parse(body)).toEqual({ code: 'request_timeout', detail: expect.any(String), request_id })
    },
  )

  test('that sends a little slowly is served', async ({ serve }) => {
    const socket = (await serve(QUICK)).open()
    socket.write(HEAD.replace('200', '5'), () => trickle(socket, '{   }'))
    const [reply] = (await once(socket, 'data')) as [Buffer]
    expect(reply.toString()).toMatch(/^HTTP\/1\.1 422 /)
  })

  test('that sends nothing at all is cut off without a word', async ({ serve }) => {
    expect(await text((await serve(QUICK_HEADERS)).open())).toBe('')
  })

  test('that never reads its reply is cut off', async ({ serve }) => {
    const { open, next } = await serve(QUICK)
    const socket = open()
    const [served] = await next()
    socket.pause().write('GET /api/v1/long HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(served, 'close')
    const read = await text(socket).catch(() => '') // what had arrived by then
    expect(read.length).toBeLessThan(20 * 1024 * 1024)
  })

  test('that keeps a connection idle is hung up on', async ({ serve }) => {
    const socket = (await serve(QUICK)).open()
    socket.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 [^]*"healthy"\}$/)
  })

  test('is hung up on where there are too many, and served once there are fewer', async ({ serve }) => {
    const { open } = await serve({ connections: 2 })
    const ask = () => {
      const socket = open()
      socket.write('GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
      return text(socket).catch(() => '')
    }
    const silent = [open(), open()]
    await Promise.all(silent.map((socket) => once(socket, 'connect')))
    expect(await ask()).toBe('')
    silent[0]?.destroy()
    await expect.poll(ask).toMatch(/^HTTP\/1\.1 200 /)
  })

  const LARGE = 40 * 1024 * 1024 // more than the kernel keeps for both of us
  const large = (more = '') => HEAD.replace('200', String(LARGE)).replace('\r\n\r\n', `\r\n${more}\r\n`)
  test.for([
    ['keeps the connection', ''],
    ['wants it closed', 'Connection: close\r\n'],
  ])(
    'that reads no reply before all of its body is sent, and %s, reads why it was refused',
    async ([, more], { serve }) => {
      const socket = (await serve({})).open()
      socket.write(large(more))
      socket.write(Buffer.alloc(LARGE, ' '))
      await once(socket, 'drain')
      expect(await text(socket)).toMatch(/^HTTP\/1\.1 413 Payload Too Large\r\n[^]*"body_too_large"/)
    },
  )

  test('that goes on sending after its reply is cut off', async ({ serve }) => {
    const { open, next } = await serve({ unreadTimeout: 50 })
    const socket = open()
    const [served] = await next()
    socket.write(large())
    trickle(socket, ' '.repeat(LARGE))
    await once(served, 'close')
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 413 /)
  })

  test('with a WebSocket may say nothing for longer', async ({ serve, authHeaders, testUser }) => {
    const { port, open } = await serve(QUICK)
    const token = authHeaders(testUser).authorization.slice('Bearer '.length)
    const listener = await dial({ url: `http://127.0.0.1:${port}`, token })
    await listener.hear('connection:established')
    for (const _ of [1, 2]) expect(await text(open())).toBe('') // as long as a silent one is let
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

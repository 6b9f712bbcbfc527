import { once } from 'node:events'
import { type Socket, connect } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { AddressInfo } from 'node:net'
import type { App } from '../../../app/api/http/type-provider.ts'
import { newProduct } from '../../support/caller.ts'
import { describe, expect, test } from '../../support/fixtures.ts'
import { ownApp } from '../../support/own-app.ts'

async function dial(app: App): Promise<Socket> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  return connect(port, '127.0.0.1').on('error', () => {}) // cut off: the reply tells
}

/** A reply as it stood on the wire. */
function parse(reply: string) {
  const [head = '', body = ''] = reply.split('\r\n\r\n')
  const [status = '', ...lines] = head.split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => line.split(': ')).map(([name = '', value]) => [name.toLowerCase(), value]),
  )
  return {
    status: Number(status.split(' ')[1]),
    headers,
    body: JSON.parse(body) as { code: string; request_id: string },
  }
}

const MEGABYTE = 'x'.repeat(1024 * 1024)
const head = (authorization: string, more: string) =>
  `POST /api/v1/products HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\n${more}\r\n\r\n`

describe('over a socket', () => {
  test('a body is too large by the bytes that arrive, whatever its length claims', async ({
    engine,
    settings,
    authHeaders,
    testUser,
  }) => {
    await using own = await ownApp({ engine, settings: { ...settings, BODY_LIMIT_MB: 1 } })
    const socket = await dial(own.app)
    socket.write(head(authHeaders(testUser).authorization, 'Transfer-Encoding: chunked'))
    for (const _ of [1, 2]) socket.write(`${MEGABYTE.length.toString(16)}\r\n${MEGABYTE}\r\n`)
    const { status, body } = parse(await firstReply(socket))
    expect([status, body.code]).toEqual([413, 'body_too_large'])
  })

  test('a body that claims too much is refused before it is sent', async ({
    engine,
    settings,
    authHeaders,
    testUser,
  }) => {
    await using own = await ownApp({ engine, settings: { ...settings, BODY_LIMIT_MB: 1 } })
    const socket = await dial(own.app)
    socket.write(head(authHeaders(testUser).authorization, 'Content-Length: 1048577'))
    const { status, body } = parse(await firstReply(socket))
    expect([status, body.code]).toEqual([413, 'body_too_large'])
  })

  test('a body that is longer than its length is another request, and no good one', async ({
    engine,
    settings,
    authHeaders,
    testUser,
  }) => {
    await using own = await ownApp({ engine, settings })
    const socket = await dial(own.app)
    const json = JSON.stringify(newProduct)
    socket.write(`${head(authHeaders(testUser).authorization, `Content-Length: ${json.length}`)}${json}{"more": 1}`)
    const replies = (await text(socket)).split(/(?=HTTP\/1\.1 )/)
    expect(replies.at(-1)).toMatch(/^HTTP\/1\.1 400 [^]*connection: close/)
  })

  test('a caller that has sent 12 MB in chunks can still read why not', async ({
    engine,
    settings,
    authHeaders,
    testUser,
  }) => {
    await using own = await ownApp({ engine, settings })
    await own.app.listen({ port: 0, host: '127.0.0.1' })
    const headers = { ...authHeaders(testUser), 'content-type': 'application/json' }
    const { port } = own.app.server.address() as AddressInfo
    const body = Readable.toWeb(Readable.from(Array.from({ length: 12 }, () => Buffer.from(MEGABYTE))))
    const asked = { method: 'POST', headers, body, duplex: 'half' } as RequestInit
    const reply = await fetch(`http://127.0.0.1:${port}/api/v1/products`, asked)
    expect([reply.status, ((await reply.json()) as { code: string }).code]).toEqual([413, 'body_too_large'])
    expect(reply.headers.get('connection')).toBe('close')
  })

  test('a body at the limit is read, in chunks too', async ({ engine, settings, authHeaders, testUser }) => {
    await using own = await ownApp({ engine, settings: { ...settings, BODY_LIMIT_MB: 1 } })
    const socket = await dial(own.app)
    const json = JSON.stringify({ name: 'Anvil', sku: 'A-1', price: 1 }).padEnd(1024 * 1024)
    socket.write(head(authHeaders(testUser).authorization, 'Transfer-Encoding: chunked'))
    socket.write(`${json.length.toString(16)}\r\n${json}\r\n0\r\n\r\n`)
    expect(parse(await firstReply(socket)).status).toBe(201)
  })

  const BAD = [400, 'bad_request'] as const
  const BROKEN: [string, string, readonly [status: number, code: string]][] = [
    ['no HTTP', 'hello\r\n\r\n', BAD],
    ['a broken header', 'GET / HTTP/1.1\r\nHost: x\r\nBad Header\r\n\r\n', BAD],
    ['no host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', BAD],
    ['two hosts', 'GET / HTTP/1.1\r\nHost: x\r\nhOST: y\r\nConnection: close\r\n\r\n', BAD],
    ['a length that is none', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: lots\r\n\r\n', BAD],
    ['a length below zero', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n', BAD],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      BAD,
    ],
    [
      'headers of 20 kB',
      `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`,
      [431, 'headers_too_large'],
    ],
    ['an address of 20 kB', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, [414, 'uri_too_long']],
    [
      'an address of 9 kB',
      `GET /${'x'.repeat(9000)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      [414, 'uri_too_long'],
    ],
    [
      '200 headers',
      `GET / HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(200)}Connection: close\r\n\r\n`,
      [431, 'headers_too_large'],
    ],
  ]
  test.for(BROKEN)(
    '%s gets the one error shape and the headers',
    async ([, message, expected], { engine, settings }) => {
      await using own = await ownApp({ engine, settings })
      const socket = await dial(own.app)
      socket.write(message)
      const { status, headers, body } = parse(await text(socket))
      expect([status, body.code]).toEqual(expected)
      expect(headers).toMatchObject({
        'x-request-id': body.request_id,
        'x-content-type-options': 'nosniff',
        connection: 'close',
      })
    },
  )
})

test('a fault in the middle of a reply is told in no reply', async ({ engine, settings }) => {
  await using own = await ownApp({ engine, settings })
  own.app.get('/api/v1/long', () => 'x'.repeat(20 * 1024 * 1024))
  const socket = await dial(own.app)
  socket.write('GET /api/v1/long HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(socket, 'readable')
  socket.write('no HTTP\r\n\r\n')
  expect((await text(socket).catch(() => '')).slice(20)).not.toContain('HTTP/1.1')
})

/** What comes until the reply is whole; the caller may still be sending. */
async function firstReply(socket: Socket): Promise<string> {
  let received = ''
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    received += String(chunk)
    const [, length, body = ''] = /content-length: (\d+)\r\n[^]*?\r\n\r\n([^]*)$/i.exec(received) ?? []
    if (length !== undefined && Buffer.byteLength(body) >= Number(length)) break
  }
  socket.destroy()
  return received
}

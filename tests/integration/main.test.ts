import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { type Socket, connect, createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, vi } from 'vitest'
import { copyProject } from '../support/project-copy.ts'
import { refusingServer } from '../support/refusing-server.ts'
import { Running, serverFolder } from '../support/running.ts'
import { copyBaselineFolder, test } from '../support/temporary-folder.ts'

const BODY = '{"username":"nobody","password":"nothing"}'
const HEAD = `POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\nexpect: 100-continue\r\n\r\n`

/** A server on a database of its own, and the address it has. */
async function serving(env: NodeJS.ProcessEnv = {}) {
  const stack = new AsyncDisposableStack()
  const place = stack.use(serverFolder())
  copyBaselineFolder(place.database)
  const server = stack.use(new Running(['main.ts'], { env: { ...place.env, ...env } }))
  const url = await server.url()
  return { server, url, place, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** A request of which the server has the head and waits for the body. */
async function begunRequest(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write(HEAD)
  await once(socket, 'data') // 100 Continue: it has begun
  return socket
}

describe('the server process', () => {
  test('says where it listens, serves, and ends with 0 at SIGTERM', async () => {
    await using running = await serving()
    expect(await (await fetch(`${running.url}/health`)).json()).toEqual({ status: 'healthy' })
    running.server.signal('SIGTERM')
    expect(await running.server.ended()).toBe(0)
    expect(running.server.output).toMatch(/^FastVue [\d.]+ listens on http:\/\/localhost:\d+ \(embedded in .*\)\n$/)
  })

  test('finishes a request that has begun, closes its connection and the idle ones, and takes no new ones', async () => {
    await using running = await serving()
    const port = Number(new URL(running.url).port)
    const idle = connect(port, '127.0.0.1')
    idle.write('GET /health HTTP/1.1\r\nhost: x\r\n\r\n')
    await once(idle, 'data')
    const begun = await begunRequest(running.url)
    const idleClosed = once(idle, 'close')
    running.server.signal('SIGTERM')
    await idleClosed
    await vi.waitFor(() => expect(fetch(`${running.url}/health`)).rejects.toThrow())
    begun.write(BODY)
    const reply = await text(begun)
    expect(reply).toMatch(/^HTTP\/1.1 401 /)
    expect(reply).toMatch(/connection: close/i)
    expect(await running.server.ended()).toBe(0)
  })

  test('is one server on localhost, too: of a second one it would not know the requests', async () => {
    await using running = await serving({ HOST: 'localhost' })
    const { port } = new URL(running.url)
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200)
    await expect(fetch(`http://[::1]:${port}/health`)).rejects.toThrow()
  })

  test('ends at once at a second Ctrl-C, but not at the echo of the first', async () => {
    await using running = await serving()
    const begun = await begunRequest(running.url)
    begun.on('error', () => {})
    const started = performance.now()
    let end: number | NodeJS.Signals | undefined
    void running.server.ended().then((code) => (end = code))
    await vi.waitFor(
      () => {
        running.server.signal('SIGINT')
        expect(end).toBe(130)
      },
      { timeout: 60_000, interval: 50 },
    )
    expect(performance.now() - started).toBeGreaterThan(500)
  })
})

/** What `main.ts` says when it cannot start. */
async function refusal(env: NodeJS.ProcessEnv): Promise<string> {
  using place = serverFolder()
  await using server = new Running(['main.ts'], { env: { ...place.env, ...env } })
  expect(await server.ended()).toBe(1)
  return server.output.replaceAll(place.path, 'PLACE')
}

describe('a start that cannot be is refused in clear lines, without a stack', () => {
  test.each<[string, NodeJS.ProcessEnv, RegExp]>([
    [
      'values that are no settings, all of them',
      { PORT: '99999', LOG_LEVEL: 'LOUD', DATABASE_URL: 'mysql://x', TRUSTED_PROXIES: '' },
      /^Error: DATABASE_URL: expected .*\nError: LOG_LEVEL: .*"DEBUG".*\nError: PORT: expected a whole number from 0 to 65535\n$/,
    ],
    [
      'production without a key',
      { ENVIRONMENT: 'production', SECRET_KEY: '' },
      /^Error: SECRET_KEY: required in production; make one with `openssl rand -hex 32`\n$/,
    ],
    [
      'a database server that is down',
      { DATABASE_URL: 'postgres://127.0.0.1:1/shop' },
      /^Error: Cannot connect to the database \(DATABASE_URL\): connect ECONNREFUSED 127\.0\.0\.1:1\n$/,
    ],
    [
      'a folder that cannot be written',
      { DATABASE_URL: 'file:/dev/null/db' },
      /^Error: Cannot open the embedded database in \/dev\/null\/db: ENOTDIR.*\n$/,
    ],
    [
      'a database that is not migrated',
      { DATABASE_URL: 'memory:' },
      /^Error: The database \(embedded in memory\) lacks \d+ migrations: run \.\/manage migrate\n$/,
    ],
  ])('%s', async (_, env, expected) => {
    expect(await refusal(env)).toMatch(expected)
  })

  test.each([
    ['28P01', 'password authentication failed for user "anna"'],
    ['3D000', 'database "shop" does not exist'],
  ])('what the database server says: %s', async (code, message) => {
    const database = await refusingServer(code, message)
    expect(await refusal({ DATABASE_URL: database.url })).toBe(
      `Error: Cannot connect to the database (DATABASE_URL): ${message}\n`,
    )
    database.close()
  })

  test('a second server on the same folder, naming the first; the first goes on', async () => {
    await using running = await serving()
    const { database } = running.place
    expect(await refusal({ DATABASE_URL: `file:${database}` })).toBe(
      `Error: The embedded database ${database} is in use by process ${running.server.pid}; stop that process, or use DATABASE_URL=postgres://… for several\n`,
    )
    expect((await fetch(`${running.url}/health/ready`)).status).toBe(200)
  })

  test('a port in use, and a log folder that cannot be written', async () => {
    using place = serverFolder()
    copyBaselineFolder(place.database)
    const other = createServer().listen(0, '0.0.0.0')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const { DATABASE_URL } = place.env
    expect(await refusal({ DATABASE_URL, PORT: String(port) })).toBe(
      `Error: HOST, PORT: cannot listen on 0.0.0.0:${port}: another program uses the port\n`,
    )
    other.close()
    expect(await refusal({ DATABASE_URL, LOG_DIR: '/dev/null/logs' })).toMatch(
      /^Error: LOG_DIR: cannot write \/dev\/null\/logs\/fastvue\.log: ENOTDIR.*\n$/,
    )
    mkdirSync(join(place.path, 'taken', 'fastvue.log'), { recursive: true })
    expect(await refusal({ DATABASE_URL, LOG_DIR: join(place.path, 'taken') })).toMatch(
      /^Error: LOG_DIR: cannot write .*fastvue\.log: EISDIR.*\n$/,
    )
  })

  test('a broken .env, each line of it', async ({ folder: project }) => {
    await copyProject(project)
    writeFileSync(join(project, '.env'), '# fine\nPORT=8000\nPORT 8001\nLOG_LEVEL: DEBUG\n')
    await using server = new Running(['main.ts'], { project })
    expect(await server.ended()).toBe(1)
    expect(server.output).toBe('Error: .env line 3: expected NAME=value\nError: .env line 4: expected NAME=value\n')
  })
})

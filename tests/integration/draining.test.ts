import { once } from 'node:events'
import { type Socket, connect } from 'node:net'
import { readFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { ServerProcess } from '../../app/management/runserver/server-process.ts'
import { openEmbedded } from '../../app/db/embedded.ts'
import type { Engine } from '../../app/db/engine.ts'
import { openServer } from '../../app/db/server.ts'
import { Lanes } from '../support/lanes.ts'
import { rowsOf } from '../support/migrations.ts'
import { logInAt } from '../support/log-in-at.ts'
import { Running, serverFolder } from '../support/running.ts'
import { serverCopy } from '../support/server-copy.ts'
import { EMBEDDED, SERVER_URL } from '../support/server-databases.ts'
import { copyBaselineFolder } from '../support/temporary-folder.ts'
import { testSettings } from '../support/settings.ts'

const LANES = 32

async function productsIn(engine: Engine): Promise<number> {
  const [row] = await rowsOf(engine, 'select count(*)::int as count from products')
  await engine.close()
  return Number(row?.['count'])
}

/** Waits until so many more requests have been answered. */
async function goOn(lanes: Lanes, count: number): Promise<void> {
  const enough = lanes.traffic.answered + count
  await vi.waitFor(() => expect(lanes.traffic.answered).toBeGreaterThan(enough), { timeout: 60_000, interval: 20 })
}

test.runIf(EMBEDDED)(
  'a server that is stopped under load answers every request it was sent',
  async () => {
    using place = serverFolder()
    copyBaselineFolder(place.database)
    await using server = new Running(['main.ts'], { env: place.env })
    const url = await server.url()
    const lanes = new Lanes(url, await logInAt(url), LANES)
    await goOn(lanes, 500)
    server.signal('SIGTERM')
    const traffic = await lanes.ended()
    expect(await server.ended()).toBe(0)
    expect(traffic).toMatchObject({ answered: traffic.sent, refused: 2 * LANES, lost: [] })
    expect(await productsIn(await openEmbedded(place.database))).toBe(traffic.created)
  },
  240_000,
)

test.runIf(SERVER_URL)(
  'workers lose no request while each of them is replaced, nor when all are stopped',
  // Once more where this machine was so busy that a caller said nothing for longer than a server waits at its end (2 s).
  { timeout: 240_000, retry: 1 },
  async () => {
    using place = serverFolder()
    await using copy = await serverCopy()
    const env = { ...place.env, DATABASE_URL: copy.url }
    await using server = new Running(['manage.ts', 'runserver', '--workers', '2'], { env })
    const [, url = ''] = await server.said(/Listening on (\S+) with 2 workers/)
    const lanes = new Lanes(url, await logInAt(url), LANES)
    await goOn(lanes, 500)
    for (const worker of readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8').trim().split(' ')) {
      process.kill(Number(worker), 'SIGTERM')
      await server.said(new RegExp(`Worker ${worker} has ended \\(exit code 0\\); starting another`))
      await server.said(/Worker \d+ listens/)
      await goOn(lanes, 500)
    }
    expect(lanes.traffic.refused).toBe(0)
    server.signal('SIGTERM')
    const traffic = await lanes.ended()
    expect(await server.ended()).toBe(0)
    expect(traffic).toMatchObject({ answered: traffic.sent, refused: 2 * LANES, lost: [] })
    expect(await productsIn(openServer({ url: copy.url, poolSize: 1 }))).toBe(traffic.created)
  },
)

const GET = 'GET /health HTTP/1.1\r\nhost: x\r\n\r\n'

/** Sends a request on a connection that stays open. @returns the reply */
async function ask(socket: Socket, request: string): Promise<string> {
  socket.write(request)
  const [reply] = (await once(socket, 'data')) as [Buffer]
  return reply.toString()
}

test('a request that is on its way when its idle connection would be closed is answered', async () => {
  using place = serverFolder()
  copyBaselineFolder(place.database)
  await using server = new Running(['main.ts'], { env: place.env })
  const url = await server.url()
  const idle = connect(Number(new URL(url).port), '127.0.0.1')
  expect(await ask(idle, GET)).toMatch(/connection: keep-alive/i)
  server.signal('SIGTERM')
  await vi.waitFor(() => expect(fetch(url)).rejects.toThrow(), { interval: 5 })
  expect(await ask(idle, GET)).toMatch(/^HTTP\/1\.1 200 [^]*connection: close/i)
  expect(await server.ended()).toBe(0)
})

test('a connection on which nothing is said does not keep a server, nor does an idle one at Ctrl-C', async () => {
  using place = serverFolder()
  copyBaselineFolder(place.database)
  await using server = new Running(['main.ts'], { env: place.env })
  const port = Number(new URL(await server.url()).port)
  const silent = connect(port, '127.0.0.1')
  await once(silent, 'connect')
  const idle = connect(port, '127.0.0.1')
  await ask(idle, GET)
  const told = performance.now()
  server.signal('SIGINT')
  expect(await server.ended()).toBe(0)
  expect(performance.now() - told).toBeLessThan(10_000) // 20 s is what a request that has begun may take
})

test('a worker tells nobody to come again while others still take connections', async ({ onTestFinished }) => {
  using place = serverFolder()
  copyBaselineFolder(place.database)
  for (const [name, value] of Object.entries(place.env)) vi.stubEnv(name, value)
  onTestFinished(() => void vi.unstubAllEnvs())
  const worker = new ServerProcess({ ...testSettings(), HOST: '127.0.0.1', PORT: 0 })
  const port = Number(new URL(String(await worker.listening)).port)
  const [first, second] = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
  const begin = 'POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n'
  for (const socket of [first, second])
    expect(await ask(socket, `${begin}expect: 100-continue\r\n\r\n`)).toMatch(/ 100 /)

  const others = Promise.withResolvers<void>()
  const stopped = worker.stop('SIGTERM', others.promise)
  await worker.closed
  expect(await ask(first, '{}')).toMatch(/^HTTP\/1\.1 422 [^]*connection: keep-alive/i)
  others.resolve()
  expect(await ask(first, GET)).toMatch(/connection: close/i)
  expect(await ask(second, '{}')).toMatch(/^HTTP\/1\.1 422 [^]*connection: close/i)
  await stopped
  expect(worker.end).toBe('exit code 0')
})

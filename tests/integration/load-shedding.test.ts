import { setImmediate as turn } from 'node:timers/promises'
import type { AddressInfo } from 'node:net'
import { vi } from 'vitest'
import type { App } from '../../app/api/http/type-provider.ts'
import { appErrorIn } from '../../app/core/errors.ts'
import { LIMITS } from '../../app/core/limits.ts'
import { UnitOfWork } from '../../app/db/session.ts'
import { Turns } from '../../app/db/turns.ts'
import { loggedIn } from '../support/caller.ts'
import { describe, expect, test as base } from '../support/fixtures.ts'
import { type LogLine, ownApp } from '../support/own-app.ts'
import { serverCopy } from '../support/server-copy.ts'
import { SERVER_URL } from '../support/server-databases.ts'

const SOON = { lateness: 30, latePulses: 3, pulse: 10 }

/** Keeps the process from everything else, as a calculation would. */
function spin(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

const test = base
  // An app that listens, with a route that keeps the process busy.
  .extend('server', async ({ engine, settings }, { onCleanup }) => {
    const { app, lines, [Symbol.asyncDispose]: close } = await ownApp({ engine, settings, limits: SOON })
    onCleanup(() => close())
    app.get('/api/v1/spin', (request) => {
      spin(Number((request.query as { ms: string }).ms))
      return {}
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
    return { app, url, said: () => shedLines(lines()) }
  })

const shedLines = (lines: LogLine[]) => lines.filter((line) => line['module'] === 'app.middleware.load-shedding')

/** Asks again and again, several at once, until one is turned away. */
async function pressUntilRefused(url: string): Promise<Response> {
  const refused = Promise.withResolvers<Response>()
  const over = new AbortController()
  const press = async () => {
    while (!over.signal.aborted) {
      const reply = await fetch(`${url}/api/v1/spin?ms=60`)
      if (reply.status === 503) refused.resolve(reply)
      else await reply.text()
    }
  }
  const all = Promise.all([press(), press(), press()])
  const reply = await refused.promise
  over.abort()
  await all
  return reply
}

const levels = (lines: LogLine[]) => lines.map(({ level, msg }) => [level, msg])

describe('a process that cannot keep up', () => {
  test('turns requests away, says when to come again, and serves again by itself', async ({
    server: { url, said },
  }) => {
    const reply = await pressUntilRefused(url)
    expect(reply.headers.get('retry-after')).toBe('1')
    const request_id = reply.headers.get('x-request-id')
    expect(await reply.json()).toEqual({ code: 'overloaded', detail: expect.stringMatching(/busy/), request_id })
    await vi.waitFor(async () => expect((await fetch(`${url}/api/v1/spin?ms=0`)).status).toBe(200), { interval: 5 })
    expect(levels(said()).slice(0, 2)).toEqual([
      [40, 'too busy: requests are turned away'],
      [30, 'requests are served again'],
    ])
  })

  test('still answers whether it is alive, and is not ready', async ({ server: { app } }) => {
    await becomeBusy(app)
    const [ping, alive, ready] = await Promise.all(
      ['/api/v1/auth/me', '/health', '/health/ready'].map((url) => app.inject(url)),
    )
    expect([ping?.statusCode, alive?.statusCode, ready?.statusCode]).toEqual([503, 200, 503])
    expect(ready?.json()).toMatchObject({ status: 'not_ready', checks: { database: 'ok', load: 'overloaded' } })
    await expect.poll(async () => (await app.inject('/health/ready')).statusCode).toBe(200)
  })

  test('is not one that paused once, however long', async ({ engine, settings }) => {
    await using own = await ownApp({ engine, settings, limits: { ...SOON, lateness: 200 } })
    await own.app.listen({ port: 0, host: '127.0.0.1' })
    spin(1000)
    for (let n = 0; n < 20; n++) {
      expect(own.app.isShedding()).toBe(false)
      await turn()
    }
    expect(shedLines(own.lines())).toEqual([])
  })
})

/** Keeps it busy in each turn of its loop. */
async function becomeBusy(app: App): Promise<void> {
  while (!app.isShedding()) {
    spin(2 * SOON.lateness)
    await turn()
  }
}

describe('a database that everybody waits for', () => {
  base.runIf(SERVER_URL)(
    'is waited for by a limited number of requests; the rest are told at once',
    async ({ settings, testUser }) => {
      await using copy = await serverCopy()
      const engine = copy.open({ poolSize: 2, mostWaiting: 3 })
      await using own = await ownApp({ engine, settings })
      const caller = await loggedIn(own.app, testUser)
      const busy = [1, 2].map(() => new UnitOfWork(engine, { role: 'fastvue_system', company_id: null }))
      await Promise.all(busy.map((unit) => unit.query({ text: 'SELECT 1' })))
      const waiting = [1, 2, 3].map(() => caller.get('/auth/me'))
      await turn()
      const refused = await caller.get('/products')
      expect(refused.json()).toMatchObject({
        code: 'overloaded',
        detail: expect.stringMatching(/wait for the database/),
      })
      expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '1'])
      expect((await own.app.inject('/health/ready')).json()).toMatchObject({ checks: { database: 'overloaded' } })
      expect((await own.app.inject('/health')).statusCode).toBe(200)

      await Promise.all(busy.map((unit) => unit.rollback()))
      expect((await Promise.all(waiting)).map(({ statusCode }) => statusCode)).toEqual([200, 200, 200])
      expect((await caller.get('/products')).statusCode).toBe(200)
    },
  )

  base('of one connection is, too', async () => {
    const turns = new Turns()
    const first = await turns.take()
    const waiting = Array.from({ length: LIMITS.waiting }, () => turns.run(async () => {}))
    expect(await turns.take().catch(appErrorIn)).toMatchObject({ code: 'overloaded', status: 503 })
    first()
    await Promise.all(waiting)
    expect(await turns.run(async () => 'served')).toBe('served')
  })
})

import { once } from 'node:events'
import { vi } from 'vitest'
import { bearer, callerOf, newProduct } from '../support/caller.ts'
import { PASSWORD, describe, expect, test as base } from '../support/fixtures.ts'
import { dial, listenOn } from '../support/live.ts'
import { ownApp } from '../support/own-app.ts'

const DAY = 24 * 60 * 60 * 1000

interface Tokens {
  access_token: string
  refresh_token: string
}

const test = base
  // Sets the clock of this process, as somebody at the machine or a time server would.
  .extend('jump', ({ onTestFinished }) => (milliseconds: number) => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    vi.setSystemTime(Date.now() + milliseconds)
  })
  .extend('logIn', ({ app, testUser }) => async () => {
    const reply = await callerOf(app).post('/auth/login', { username: testUser.username, password: PASSWORD })
    return [reply.statusCode, reply.json<Tokens>()] as const
  })
  .extend(
    'withToken',
    ({ app }) =>
      ({ access_token }: Tokens) =>
        callerOf(app, bearer(access_token)),
  )

describe('a clock that jumps', () => {
  test.for([DAY, -DAY])(
    'by %i ms leaves log-in, refresh and work as they are',
    async (jump, { app, jump: jumpBy, logIn, withToken }) => {
      const [, before] = await logIn()
      jumpBy(jump)
      // Expired by the clock, or not yet: never a fault of the server.
      expect((await withToken(before).get('/auth/me')).statusCode).toBe(jump > 0 ? 401 : 200)
      const refreshed = await callerOf(app).post('/auth/refresh', { refresh_token: before.refresh_token })
      expect(refreshed.statusCode).toBe(200)
      const [status, after] = await logIn()
      expect(status).toBe(200)
      for (const tokens of [refreshed.json<Tokens>(), after]) {
        const product = { ...newProduct, sku: crypto.randomUUID() }
        expect(
          (await withToken(tokens).post('/products', product, { 'idempotency-key': product.sku })).statusCode,
        ).toBe(201)
      }

      jumpBy(-jump)
      // One that was found expired may stay so, and one of a time to come may be good.
      for (const tokens of [before, after])
        expect([200, 401]).toContain((await withToken(tokens).get('/auth/me')).statusCode)
      expect((await logIn())[0]).toBe(200)
    },
  )

  test('back by a day does not keep live connections from their heartbeats', async ({
    engine,
    settings,
    authHeaders,
    testUser,
    jump,
  }) => {
    await using own = await ownApp({ engine, settings, timing: { heartbeat: 20, sweep: 10 } })
    const token = authHeaders(testUser).authorization.slice('Bearer '.length)
    const listener = await dial({ url: await listenOn(own.app), token })
    jump(-DAY)
    await once(listener.socket, 'ping')
    await once(listener.socket, 'ping')
    listener.socket.terminate()
  })

  test('forward by a day ends them as their tokens end', async ({ engine, settings, authHeaders, testUser, jump }) => {
    await using own = await ownApp({ engine, settings, timing: { sweep: 10 } })
    const token = authHeaders(testUser).authorization.slice('Bearer '.length)
    const listener = await dial({ url: await listenOn(own.app), token })
    jump(DAY)
    expect(await listener.closed()).toMatchObject({ code: 4401 })
  })
})

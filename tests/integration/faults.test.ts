import { vi } from 'vitest'
import { openCache } from '../../app/core/cache.ts'
import { openLimiter } from '../../app/core/rate-limits/open.ts'
import { createApp } from '../../app/app.ts'
import { openServer } from '../../app/db/server.ts'
import { callerOf, loggedIn, newProduct } from '../support/caller.ts'
import { PASSWORD, describe, expect, test } from '../support/fixtures.ts'
import { type Listener, dial } from '../support/live.ts'
import { logInAt } from '../support/log-in-at.ts'
import { rowsOf } from '../support/migrations.ts'
import { logInMemory, ownApp } from '../support/own-app.ts'
import { CAN_RUN_POSTGRES, OwnPostgres, type PostgresEnd } from '../support/own-postgres.ts'
import { type Cut, Proxy } from '../support/proxy.ts'
import { REDIS_SERVER, RedisServer } from '../support/redis-server.ts'
import { Running, serverFolder } from '../support/running.ts'
import { serverCopy } from '../support/server-copy.ts'
import { SERVER_URL } from '../support/server-databases.ts'
import { testSettings } from '../support/settings.ts'

/** For everything to be as before. */
const SOON = { timeout: 5000, interval: 20 }

/** Asks, and times the answer. */
async function ask(url: string, headers: Record<string, string>, body?: object) {
  const asked = body && { method: 'POST', body: JSON.stringify(body) }
  const begun = performance.now()
  const reply = await fetch(url, { ...asked, headers: { ...headers, 'content-type': 'application/json' } })
  const said = (await reply.json()) as { code?: string; request_id?: string; id?: number }
  return { status: reply.status, headers: reply.headers, said, ms: performance.now() - begun }
}

describe('PostgreSQL', () => {
  const COMMITS: [Cut, number][] = [
    ['unanswered', 1],
    ['unsent', 0],
  ]
  test.runIf(SERVER_URL).for(COMMITS)(
    'that goes away with the commit %s leaves the caller in no doubt: the same key makes one product',
    async ([when, stored], { testUser, settings, onTestFinished }) => {
      const copy = await serverCopy()
      onTestFinished(() => copy[Symbol.asyncDispose]())
      const url = new URL(copy.url)
      const proxy = new Proxy({ host: url.hostname, port: Number(url.port || 5432) })
      onTestFinished(() => proxy.close())
      await proxy.open()
      url.host = `127.0.0.1:${proxy.port}`
      const engine = openServer({ url: url.href, poolSize: 2 })
      onTestFinished(() => engine.close())
      const direct = copy.open({ poolSize: 1 })
      await using own = await ownApp({ engine, settings })
      const caller = await loggedIn(own.app, testUser, { 'idempotency-key': 'once' })
      const written = () =>
        rowsOf(
          direct,
          `select (select count(*)::int from products) as products, (select count(*)::int from activity_logs where entity_type = 'products') as entries`,
        )

      proxy.cutAt('fastvue_commit', when)
      const lost = await caller.post('/products', newProduct)
      expect([lost.statusCode, lost.json().code]).toEqual([503, 'database_unavailable'])
      expect([lost.headers['retry-after'], lost.headers['location']]).toEqual(['1', undefined])
      await expect.poll(written, SOON).toEqual([{ products: stored, entries: stored }])

      const again = await caller.post('/products', newProduct)
      expect(again.statusCode).toBe(201)
      expect(again.headers['idempotency-replayed']).toBe(stored ? 'true' : undefined)
      expect(await written()).toEqual([{ products: 1, entries: 1 }])
    },
  )

  const ENDS: PostgresEnd[] = ['fast', 'immediate', 'killed']
  test.runIf(SERVER_URL && CAN_RUN_POSTGRES)(
    'that ends and comes back is missed by nobody for long: requests, live events and jobs',
    async () => {
      await using postgres = await OwnPostgres.startFilled()
      using place = serverFolder()
      await using server = new Running(['main.ts'], { env: { ...place.env, DATABASE_URL: postgres.url() } })
      const url = await server.url()
      const headers = await logInAt(url)
      const listener = await dial({ url, token: headers.authorization.slice('Bearer '.length) })
      await listener.hear('connection:established')
      for (const how of ENDS) {
        await postgres.stop(how)
        await expectAway(url, headers)
        await postgres.start()
        const back = performance.now()
        await expectBack(url, headers, listener)
        expect(performance.now() - back).toBeLessThan(SOON.timeout)
      }
      await expectJobs(postgres)
      listener.socket.terminate()
    },
    240_000,
  )

  /** Every request is told at once, and in the one shape; who asks whether the process lives hears that it does. */
  async function expectAway(url: string, headers: Record<string, string>): Promise<void> {
    const login = { username: 'manager', password: PASSWORD }
    const replies = await Promise.all([
      ...Array.from({ length: 30 }, () => ask(`${url}/api/v1/products`, headers)),
      ask(`${url}/api/v1/products`, { ...headers, 'idempotency-key': 'a' }, newProduct),
      ask(`${url}/api/v1/auth/login`, {}, login),
    ])
    for (const { status, headers: replied, said, ms } of replies) {
      expect([status, said.code, replied.get('retry-after')]).toEqual([503, 'database_unavailable', '1'])
      expect(said.request_id).toBe(replied.get('x-request-id'))
      expect(ms).toBeLessThan(5000)
    }
    expect((await ask(`${url}/health`, {})).status).toBe(200)
    await expect.poll(async () => (await ask(`${url}/health/ready`, {})).status, SOON).toBe(503) // asked once a second
  }

  async function expectBack(url: string, headers: Record<string, string>, listener: Listener): Promise<void> {
    const made = await vi.waitFor(async () => {
      expect((await ask(`${url}/health/ready`, {})).status).toBe(200)
      const reply = await ask(`${url}/api/v1/products`, headers, { ...newProduct, sku: crypto.randomUUID() })
      expect(reply.status).toBe(201)
      return reply.said
    }, SOON)
    const message = { model_name: 'products', record_id: made.id, body: 'Still there?' }
    expect((await ask(`${url}/api/v1/messages`, headers, message)).status).toBe(201)
    expect((await listener.hear('message:new')).data).toMatchObject({ record_id: made.id })
  }

  /** One that comes by itself is done, and put off to its next time. */
  async function expectJobs(postgres: OwnPostgres): Promise<void> {
    const engine = openServer({ url: postgres.url(), poolSize: 1 })
    const due = await rowsOf(engine, `update jobs set run_at = now() where name = 'events.forget' returning id`)
    expect(due).toHaveLength(1)
    const waiting = () => rowsOf(engine, `select id from jobs where name = 'events.forget' and run_at > now()`)
    await expect.poll(waiting, { ...SOON, timeout: 8000 }).toHaveLength(1)
    await engine.close()
  }
})

describe('Redis', () => {
  test.runIf(SERVER_URL && REDIS_SERVER)(
    'that ends and comes back fails no request',
    async ({ engine, authHeaders, testUser }) => {
      await using redis = new RedisServer()
      await redis.start()
      const settings = testSettings({
        REDIS_URL: redis.url,
        RATE_LIMIT_ENABLED: 'true',
        RATE_LIMIT_USER_PER_MINUTE: '100000',
      })
      const [cache, limiter] = await Promise.all([openCache(settings), openLimiter(settings)])
      const { logger } = logInMemory(settings)
      const app = await createApp({ settings, engine, cache, limiter, logger, security: logger })
      const caller = callerOf(app, authHeaders(testUser))
      const ready = async () => (await app.inject('/health/ready')).json<{ checks: { redis: string } }>().checks.redis
      const all = async () => {
        const product = { ...newProduct, sku: crypto.randomUUID() }
        const replies = await Promise.all([
          caller.get('/products'),
          caller.post('/products', product),
          caller.get('/auth/me'),
        ])
        return replies.map(({ statusCode }) => statusCode)
      }
      expect([await all(), await ready()]).toEqual([[200, 201, 200], 'ok'])
      await redis.stop()
      expect(await all()).toEqual([200, 201, 200])
      await expect.poll(ready, SOON).toBe('unreachable') // asked once a second
      await redis.start()
      await expect.poll(ready, SOON).toBe('ok')
      await expect.poll(() => cache.set('back', 1).then(() => cache.get('back')), SOON).toBe(1)
      expect(await all()).toEqual([200, 201, 200])
      await app.close()
      await Promise.all([cache.close(), limiter.close()])
    },
  )
})

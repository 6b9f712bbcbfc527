import { vi } from 'vitest'
import type { Limit, RateLimiter } from '../../app/core/rate-limits/limiter.ts'
import { RedisLimiter } from '../../app/core/rate-limits/redis-limiter.ts'
import { LogLevels } from '../../app/core/log-levels.ts'
import { useLogger } from '../../app/core/module-logger.ts'
import { openRedis } from '../../app/core/redis.ts'
import { describe, expect, test } from '../support/fixtures.ts'
import { LIMITERS, PATIENCE_MS, REDIS_URL, forget, ownPrefix } from '../support/limiters.ts'
import { logInMemory } from '../support/own-app.ts'
import { Proxy } from '../support/proxy.ts'

const limit: Limit = { requests: 3, burst: 2, seconds: 60 }

const ask = async (limiter: RateLimiter, key = 'a', by = limit) => limiter.take([{ key, limit: by }])
const askTimes = (times: number, limiter: RateLimiter, key?: string) =>
  Promise.all(Array.from({ length: times }, () => ask(limiter, key)))
const passedOf = (verdicts: { passed: boolean }[]) => verdicts.filter(({ passed }) => passed).length

describe.each(LIMITERS)('limits counted in %s', (_name, open) => {
  test('let through the requests and the burst, and promise the requests', async () => {
    await using world = await open()
    const verdicts = []
    for (let n = 0; n < 7; n++) verdicts.push(await ask(world.limiter))
    expect(verdicts.map(({ passed }) => passed)).toEqual([true, true, true, true, true, false, false])
    expect(verdicts.map(({ remaining }) => remaining)).toEqual([2, 1, 0, 0, 0, 0, 0])
  })

  test('let through as many of those that come at once', async () => {
    await using world = await open()
    expect(passedOf(await askTimes(100, world.limiter))).toBe(5)
  })

  test('are each key’s own', async () => {
    await using world = await open()
    expect(passedOf(await askTimes(9, world.limiter, 'a'))).toBe(5)
    expect(passedOf(await askTimes(9, world.limiter, 'b'))).toBe(5)
  })

  test('say when one more passes, which it then does, and as many as have left the window', async () => {
    await using world = await open()
    await askTimes(2, world.limiter)
    await world.pass(20_000)
    await askTimes(3, world.limiter)
    const { passed, wait } = await ask(world.limiter)
    expect(passed).toBe(false)
    expect(wait).toBeGreaterThan(38_000)
    expect(wait).toBeLessThanOrEqual(41_000)
    await world.pass(wait - 2000)
    expect((await ask(world.limiter)).passed).toBe(false)
    await world.pass(2000)
    expect(passedOf(await askTimes(4, world.limiter))).toBe(2)
    await world.pass(20_000)
    expect(passedOf(await askTimes(4, world.limiter))).toBe(3)
  })

  test('say when the window is empty, and then it is', async () => {
    await using world = await open()
    await ask(world.limiter)
    await world.pass(30_000)
    const { empty_in } = await ask(world.limiter)
    expect(empty_in).toBeGreaterThanOrEqual(60_000)
    expect(empty_in).toBeLessThanOrEqual(61_000)
    await world.pass(empty_in)
    expect((await ask(world.limiter)).remaining).toBe(2)
  })

  test('say the same of the window while it is full, whoever asks', async () => {
    await using world = await open()
    await askTimes(5, world.limiter)
    await world.pass(10_000)
    const { empty_in } = await ask(world.limiter)
    await world.pass(10_000)
    const later = await ask(world.limiter)
    expect(empty_in - later.empty_in).toBeGreaterThan(8000)
  })

  test('of other lengths are as long', async () => {
    await using world = await open()
    const hour = { requests: 2, burst: 0, seconds: 3600 }
    expect([(await ask(world.limiter, 'h', hour)).passed, (await ask(world.limiter, 'h', hour)).passed]).toEqual([
      true,
      true,
    ])
    await world.pass(58 * 60_000) // whole slices: of Redis' time nothing smaller can pass here
    const { passed, wait } = await ask(world.limiter, 'h', hour)
    expect(passed).toBe(false)
    expect(wait).toBeGreaterThan(119_000)
    await world.pass(wait)
    expect((await ask(world.limiter, 'h', hour)).passed).toBe(true)
  })

  test('of one request count together: all, or none', async () => {
    await using world = await open()
    const tight = { requests: 1, burst: 0, seconds: 300 }
    const both = () =>
      world.limiter.take([
        { key: 'wide', limit },
        { key: 'tight', limit: tight },
      ])
    expect(await both()).toMatchObject({ passed: true, limit: tight, remaining: 0 })
    for (let n = 0; n < 9; n++) expect(await both()).toMatchObject({ passed: false, limit: tight })
    expect((await ask(world.limiter, 'wide')).remaining).toBe(1)
  })
})

describe.runIf(REDIS_URL)('limits in Redis', () => {
  const redisTest = test
    .extend('url', () => REDIS_URL ?? '')
    .extend('prefix', () => ownPrefix())
    .extend('redis', async ({ url, prefix }, { onCleanup }) => {
      const redis = await openRedis(url)
      onCleanup(async () => {
        await forget(redis, prefix)
        redis.destroy()
      })
      return redis
    })
    .extend('logged', ({ settings }) => {
      const { logger, lines } = logInMemory(settings)
      useLogger(logger, new LogLevels(settings))
      return () => lines().map(({ msg }) => msg)
    })
    // A way to Redis that can be closed, and the limiter at its end.
    .extend('proxy', async ({ url, redis: _ }, { onCleanup }) => {
      const { hostname, port } = new URL(url)
      const proxy = new Proxy({ host: hostname, port: Number(port || 6379) })
      await proxy.open()
      onCleanup(() => proxy.close())
      return proxy
    })
    .extend('limiter', async ({ url, prefix, proxy, logged: _ }, { onCleanup }) => {
      const way = new URL(url)
      way.host = `127.0.0.1:${proxy.port}`
      const limiter = new RedisLimiter(await openRedis(way.href), { prefix })
      onCleanup(() => limiter.close())
      return limiter
    })

  redisTest('are those of all processes together', async ({ url, redis, prefix }) => {
    const options = { patience: PATIENCE_MS, prefix }
    const [first, other] = [new RedisLimiter(redis, options), new RedisLimiter(await openRedis(url), options)]
    const [ours, theirs] = await Promise.all([askTimes(20, first), askTimes(20, other)])
    expect(passedOf([...ours, ...theirs])).toBe(5)
    await other.close()
  })

  redisTest('end with their window, and leave nothing behind', async ({ redis, limiter, prefix }) => {
    await ask(limiter)
    const ttl = await redis.pTTL(`${prefix}a`)
    expect(ttl).toBeGreaterThan(59_000)
    expect(ttl).toBeLessThanOrEqual(61_000)
  })

  redisTest('do not last longer because Redis’ clock was set back', async ({ redis, limiter, prefix }) => {
    await askTimes(5, limiter)
    await redis.hIncrBy(`${prefix}a`, 'n', 3600) // as if they were counted in an hour
    expect(passedOf(await askTimes(9, limiter))).toBe(5)
  })

  redisTest('need no script that was there before', async ({ redis, limiter, prefix }) => {
    await redis.scriptFlush()
    expect(passedOf(await askTimes(9, limiter))).toBe(5)
    expect(await redis.hGet(`${prefix}a`, 't')).toBe('5')
  })

  redisTest(
    'are counted by each process alone while Redis is away, and together when it is back',
    async ({ proxy, limiter, redis, prefix, logged }) => {
      expect(passedOf(await askTimes(9, limiter))).toBe(5)
      await proxy.close()
      expect(passedOf(await askTimes(9, limiter))).toBe(5)
      expect(passedOf(await askTimes(9, limiter))).toBe(0)
      await forget(redis, prefix)
      await proxy.open()
      await vi.waitFor(async () => {
        await ask(limiter, 'b')
        expect(await redis.exists(`${prefix}b`)).toBe(1)
      }, 10_000)
      expect(passedOf(await askTimes(9, limiter))).toBe(5)
      const away = 'Redis is away: each process counts requests alone'
      expect(logged()).toEqual([away, 'Redis is back: processes count requests together'])
    },
  )

  redisTest('are counted alone where Redis takes commands and answers nothing', async ({ proxy, limiter }) => {
    await ask(limiter)
    expect(proxy.swallow('')).toBe(1)
    expect(passedOf(await askTimes(9, limiter))).toBe(5)
    // From now on nobody waits: what is at hand is no promise.
    expect(limiter.take([{ key: 'a', limit }])).toMatchObject({ passed: false })
    await proxy.close()
    await proxy.open()
    await vi.waitFor(() => expect(limiter.take([{ key: 'b', limit }])).toBeInstanceOf(Promise), 60_000)
  })

  redisTest('are counted alone where Redis answers with errors', async ({ redis, limiter, prefix }) => {
    await redis.set(`${prefix}probe`, 'no hash')
    await redis.set(`${prefix}a`, 'no hash')
    expect(passedOf(await askTimes(9, limiter))).toBe(5)
    await redis.del([`${prefix}probe`, `${prefix}a`])
    await vi.waitFor(() => expect(limiter.take([{ key: 'b', limit }])).toBeInstanceOf(Promise), 60_000)
    expect(passedOf(await askTimes(9, limiter))).toBe(5)
  })
})

import { COUNTED, type RateLimiter, sliceOf } from '../../app/core/rate-limits/limiter.ts'
import { MemoryLimiter } from '../../app/core/rate-limits/memory-limiter.ts'
import { RedisLimiter } from '../../app/core/rate-limits/redis-limiter.ts'
import { type Redis, openRedis } from '../../app/core/redis.ts'
import { testSettings } from './settings.ts'

/** A limiter that knows of nobody yet, and whose time a test can let pass, in milliseconds. */
export interface TestLimiter extends AsyncDisposable {
  limiter: RateLimiter
  pass: (milliseconds: number) => Promise<void>
}

// What is counted is the question, not how busy the machine is.
export const PATIENCE_MS = 20_000

/** Redis, when TEST_REDIS_URL names one: a database of this worker's own. */
export const REDIS_URL = testSettings().REDIS_URL

/** Where limits can be counted here. */
export const LIMITERS: [name: string, open: () => Promise<TestLimiter>][] = [
  ['memory', inMemory],
  ...(REDIS_URL ? [['Redis', () => inRedis(REDIS_URL)] as [string, () => Promise<TestLimiter>]] : []),
]

async function inMemory(): Promise<TestLimiter> {
  let passed = 0
  const limiter = new MemoryLimiter({ clock: () => performance.now() + passed })
  return {
    limiter,
    pass: async (milliseconds) => void (passed += milliseconds),
    [Symbol.asyncDispose]: () => limiter.close(),
  }
}

/** What keys of a test's own begin with: other runs of the tests may use the same Redis. */
export const ownPrefix = () => `fastvue:rate:${crypto.randomUUID()}:`

async function inRedis(url: string): Promise<TestLimiter> {
  const redis = await openRedis(url)
  const prefix = ownPrefix()
  const limiter = new RedisLimiter(redis, { patience: PATIENCE_MS, prefix })
  return {
    limiter,
    pass: (milliseconds) => age(redis, prefix, milliseconds),
    async [Symbol.asyncDispose]() {
      await forget(redis, prefix)
      await limiter.close()
    },
  }
}

/** Removes every count of a limiter. */
export async function forget(redis: Redis, prefix: string): Promise<void> {
  for (const key of await redis.keys(`${prefix}*`)) await redis.del(key)
}

/** Makes every count older: Redis' own clock cannot be set. */
async function age(redis: Redis, prefix: string, milliseconds: number): Promise<void> {
  for (const key of await redis.keys(`${prefix}*`)) {
    const { n, t = '', ...counts } = await redis.hGetAll(key)
    const now = await microseconds(redis)
    // A slice's number is the time divided by its width, so the time and the number tell the seconds of the window.
    const seconds = Math.round((now / 1e6 / Number(n)) * (COUNTED - 1))
    const width = sliceOf({ seconds, requests: 0, burst: 0 }) * 1000
    const slices = Math.floor((now + milliseconds * 1000) / width) - Math.floor(now / width)
    const moved = Object.entries(counts).map(([place, count]) => [
      String((((Number(place) - slices) % COUNTED) + COUNTED) % COUNTED),
      count,
    ])
    await redis.del(key)
    await redis.hSet(key, { ...Object.fromEntries(moved), n: String(Number(n) - slices), t })
  }
}

async function microseconds(redis: Redis): Promise<number> {
  const [seconds, rest] = (await redis.sendCommand(['TIME'])) as unknown as [string, string]
  return Number(seconds) * 1e6 + Number(rest)
}

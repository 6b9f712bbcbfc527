import { startFleet } from '../support/fleet.ts'
import { expect, test } from '../support/fixtures.ts'
import { REDIS_SERVER, RedisServer } from '../support/redis-server.ts'
import { SERVER_URL } from '../support/server-databases.ts'

const LIMIT = { RATE_LIMIT_ENABLED: 'true', RATE_LIMIT_PER_MINUTE: '20', RATE_LIMIT_BURST: '5' }

/** Asks each of these so often, all at once. @returns how many replies had which status */
async function askAtOnce(urls: string[], times: number): Promise<Record<string, number>> {
  const asked = urls.flatMap((url) => Array.from({ length: times }, () => fetch(`${url}/api/v1/nowhere`)))
  const statuses = (await Promise.all(asked)).map(({ status }) => status)
  return Object.fromEntries([...Map.groupBy(statuses, String)].map(([status, { length }]) => [status, length]))
}

test.runIf(SERVER_URL && REDIS_SERVER)(
  'two processes have one limit; without Redis each has its own, and answers all the same; then they have one again',
  { timeout: 240_000 },
  async () => {
    await using redis = new RedisServer()
    await redis.start()
    await using fleet = await startFleet(2, { ...LIMIT, REDIS_URL: redis.url })
    const { urls } = fleet
    expect(await askAtOnce(urls, 1)).toEqual({ 404: 2 })
    expect(await askAtOnce(urls, 30)).toEqual({ 404: 23, 429: 37 })

    await redis.stop()
    for (const url of urls) expect(await askAtOnce([url], 30)).toEqual({ 404: 25, 429: 5 })

    await redis.start()
    // Their own windows are full: who lets one through counts in Redis, which has forgotten all.
    for (const url of urls)
      await expect.poll(() => askAtOnce([url], 1), { timeout: 60_000, interval: 100 }).toEqual({ 404: 1 })
    expect(await askAtOnce(urls, 30)).toEqual({ 404: 23, 429: 37 })
  },
)

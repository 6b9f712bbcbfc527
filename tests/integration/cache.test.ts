import { type AddressInfo, createServer } from 'node:net'
import { vi } from 'vitest'
import { type Cache, openCache } from '../../app/core/cache.ts'
import { describe, expect, test } from '../support/fixtures.ts'

const REDIS = process.env['TEST_REDIS_URL']
const STORES: [string, string | undefined][] = [
  ['memory', undefined],
  ...(REDIS ? [['Redis', REDIS] as [string, string]] : []),
]
const open = async (REDIS_URL: string | undefined) => {
  const cache = await openCache({ REDIS_URL, CACHE_DEFAULT_TTL: 60 })
  return Object.assign(cache, { [Symbol.asyncDispose]: () => cache.close() })
}
const aKey = () => `test:${crypto.randomUUID()}`

describe.each(STORES)('the cache in %s', (_, url) => {
  test.for([['a', { b: [1, null] }], 0, '', false, null])('gives back %j', async (value) => {
    await using cache = await open(url)
    const key = aKey()
    expect(await cache.get(key)).toBeUndefined()
    await cache.set(key, value)
    expect(await cache.get(key)).toEqual(value)
    await cache.delete(key)
    expect(await cache.get(key)).toBeUndefined()
  })

  test('forgets a value when its time is up, and not before', async () => {
    await using cache = await open(url)
    const [brief, long] = [aKey(), aKey()]
    await cache.set(brief, 1, 1)
    await cache.set(long, 1)
    expect(await cache.get(brief)).toBe(1)
    await vi.waitFor(async () => expect(await cache.get(brief)).toBeUndefined(), { timeout: 3000, interval: 100 })
    expect(await cache.get(long)).toBe(1)
  })

  test('runs a function once for a key, also while it runs', async () => {
    await using cache = await open(url)
    const calls: string[] = []
    const release = Promise.withResolvers<void>()
    const load = cache.cached({ name: aKey() })(async (company: number, name: string) => {
      calls.push(`${company} ${name}`)
      await release.promise
      return { company, name }
    })
    const flights = [load(1, 'a'), load(1, 'a'), load(2, 'a')]
    release.resolve()
    expect(await Promise.all(flights)).toEqual([1, 1, 2].map((company) => ({ company, name: 'a' })))
    expect(await load(1, 'a')).toEqual({ company: 1, name: 'a' })
    expect(calls.toSorted()).toEqual(['1 a', '2 a'])
  })

  test('keeps no failure', async () => {
    await using cache = await open(url)
    let calls = 0
    const load = cache.cached({ name: aKey() })(async () => {
      calls += 1
      if (calls === 1) throw new Error('not today')
      return 'here'
    })
    await expect(Promise.all([load(), load()])).rejects.toThrow('not today')
    expect(await load()).toBe('here')
    expect(await load()).toBe('here')
    expect(calls).toBe(2)
  })

  test('wants a name for a function that has none', async () => {
    await using cache = await open(url)
    expect(() => cache.cached()(async () => 1)).toThrow('needs a name')
  })
})

/** Whatever it does, a cache over it must only miss. */
async function expectMisses(cache: Cache): Promise<void> {
  await cache.set('key', 1)
  expect(await cache.get('key')).toBeUndefined()
  await cache.delete('key')
  expect(await cache.cached({ name: 'answer' })(async () => 42)()).toBe(42)
}

describe('a Redis that is away', () => {
  test('makes every read a miss and fails nothing', async () => {
    await using cache = await open('redis://127.0.0.1:1')
    await expectMisses(cache)
  })

  test('does so too where it takes connections and answers nothing', async () => {
    await using silent = await redisThat((command) => (/\b(GET|SET|DEL)\b/.test(command) ? '' : '+OK\r\n'))
    await using cache = await open(silent.url)
    await expectMisses(cache)
  })

  test('does so too where it refuses', async () => {
    await using refusing = await redisThat((command) => (/\b(GET|SET|DEL)\b/.test(command) ? '-ERR no\r\n' : '+OK\r\n'))
    await using cache = await open(refusing.url)
    await expectMisses(cache)
  })
})

/** A server that answers each command (RESP) as it is told. */
async function redisThat(answer: (command: string) => string) {
  const server = createServer((socket) => {
    socket.on('error', () => {}) // the client hangs up
    socket.on('data', (data) => {
      for (const command of data.toString().split(/^\*/m).slice(1)) socket.write(answer(command))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `redis://127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => void server.close() }
}

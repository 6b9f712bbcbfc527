import { LRUCache } from 'lru-cache'
import type { Settings } from './config.ts'
import { inTime } from './in-time.ts'
import { openRedis } from './redis.ts'

/** Where cached values are: in this process, or in Redis, shared by all. Values are text. */
interface Store {
  get(key: string): Promise<string | undefined>
  set(key: string, value: string, ttl: number): Promise<void>
  delete(key: string): Promise<void>
  close(): Promise<void>
}

/** A cache of JSON values. Times to live are in seconds. When Redis is away every read misses and every write is lost: nothing else fails. */
export class Cache {
  readonly #store: Store
  readonly #defaultTtl: number
  readonly #flights = new Map<string, Promise<unknown>>()
  /** How often `get` found something, and how often not. */
  hits = 0
  misses = 0

  constructor(store: Store, defaultTtl: number) {
    this.#store = store
    this.#defaultTtl = defaultTtl
  }

  async get<V>(key: string): Promise<V | undefined> {
    const text = await this.#store.get(key)
    if (text === undefined) this.misses += 1
    else this.hits += 1
    return text === undefined ? undefined : (JSON.parse(text) as V)
  }

  async set(key: string, value: unknown, ttl = this.#defaultTtl): Promise<void> {
    await this.#store.set(key, JSON.stringify(value ?? null), ttl)
  }

  async delete(key: string): Promise<void> {
    await this.#store.delete(key)
  }

  /**
   * Wraps a function so that its results are kept: `cache.cached({ ttl: 300 })(loadPrices)`. Calls for one key at the same
   * time run it once. A function over one company's data takes the company as an argument, which puts it in the key.
   * @param options `name` of the results, by default the function's; must differ between functions
   */
  cached({ name, ttl }: { name?: string; ttl?: number } = {}) {
    return <A extends (string | number | boolean | null)[], V>(fn: (...args: A) => Promise<V>) => {
      const prefix = name ?? fn.name
      if (!prefix) throw new TypeError('A cached function needs a name: cached({ name, ttl })(fn)')
      return (...args: A): Promise<V> => {
        const key = `${prefix}:${JSON.stringify(args)}`
        const flight =
          (this.#flights.get(key) as Promise<V> | undefined) ??
          this.#fetch(key, ttl, () => fn(...args)).finally(() => this.#flights.delete(key))
        this.#flights.set(key, flight)
        return flight
      }
    }
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  async #fetch<V>(key: string, ttl: number | undefined, compute: () => Promise<V>): Promise<V> {
    const kept = await this.get<V>(key)
    if (kept !== undefined) return kept
    const value = await compute()
    await this.set(key, value, ttl)
    return value
  }
}

/** The cache of the settings: Redis with `REDIS_URL`, else this process's memory. */
export async function openCache({
  REDIS_URL,
  CACHE_DEFAULT_TTL,
}: Pick<Settings, 'REDIS_URL' | 'CACHE_DEFAULT_TTL'>): Promise<Cache> {
  return new Cache(REDIS_URL ? await redisStore(REDIS_URL) : memoryStore(), CACHE_DEFAULT_TTL)
}

/** A cache in this process's memory. */
export const memoryCache = (defaultTtl: number): Cache => new Cache(memoryStore(), defaultTtl)

function memoryStore(): Store {
  // Made at the first value: it takes a third of a millisecond, and most pieces of trusted work keep nothing.
  let values: LRUCache<string, string> | undefined
  return {
    get: async (key) => values?.get(key),
    set: async (key, value, ttl) =>
      void (values ??= new LRUCache({ max: 10_000 })).set(key, value, { ttl: ttl * 1000 }),
    delete: async (key) => void values?.delete(key),
    close: async () => values?.clear(),
  }
}

const PATIENCE_MS = 500
const LATE = new Error('Redis has not answered in time')

async function redisStore(url: string): Promise<Store> {
  const client = await openRedis(url)
  const name = (key: string) => `fastvue:${key}`
  return {
    get: async (key) => (await answerOf(client.get(name(key)))) ?? undefined,
    set: async (key, value, ttl) =>
      void (await answerOf(client.set(name(key), value, { expiration: { type: 'EX', value: ttl } }))),
    delete: async (key) => void (await answerOf(client.del(name(key)))),
    close: async () => client.destroy(),
  }
}

/** An answer, or nothing when there is none in time: the client itself waits for as long as the connection lives. */
const answerOf = <V>(command: Promise<V>): Promise<V | undefined> =>
  inTime(command, PATIENCE_MS, LATE).catch(() => undefined)

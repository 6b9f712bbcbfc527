import { createHash } from 'node:crypto'
import { inTime } from '../in-time.ts'
import { getLogger } from '../module-logger.ts'
import type { Redis } from '../redis.ts'
import { type Claim, type Opinion, type RateLimiter, type Verdict, mostOf, sliceOf, verdictOf } from './limiter.ts'
import { MemoryLimiter } from './memory-limiter.ts'
import { SCRIPT } from './script.ts'

const PREFIX = 'fastvue:rate:'
const SHA = createHash('sha1').update(SCRIPT).digest('hex')
const PATIENCE_MS = 100
// Between two attempts to come back to a Redis that answers with errors.
const PAUSE_MS = 1000
const logger = getLogger(import.meta.url)
const LATE = new Error('Redis did not answer in time')
const GONE = new Error('Redis is not connected')
const PROBE: Claim = { key: 'probe', limit: { requests: 1_000_000, burst: 0, seconds: 1 } }

interface RedisLimiterOptions {
  /** The longest that a request waits for Redis, in milliseconds. */
  patience?: number
  /** What its keys in Redis begin with. */
  prefix?: string
}

/**
 * Counts in Redis, for all processes together. While Redis is away this process counts alone, in its memory, and asks from
 * time to time whether Redis is back: no request but those of the first moment waits for that.
 */
export class RedisLimiter implements RateLimiter {
  readonly #redis: Redis
  readonly #patience: number
  readonly #prefix: string
  readonly #own = new MemoryLimiter()
  #isAway = false
  #pause: NodeJS.Timeout | undefined

  constructor(redis: Redis, { patience = PATIENCE_MS, prefix = PREFIX }: RedisLimiterOptions = {}) {
    this.#redis = redis
    this.#patience = patience
    this.#prefix = prefix
  }

  take(claims: Claim[]): Verdict | Promise<Verdict> {
    if (!this.#redis.isReady) this.#leave(GONE)
    if (this.#isAway) return this.#own.take(claims)
    return inTime(this.#ask(claims), this.#patience, LATE).catch((error: unknown) => {
      this.#leave(error)
      return this.#own.take(claims)
    })
  }

  async close(): Promise<void> {
    this.#isAway = true // nobody is asked any more, nor is that worth a line
    clearTimeout(this.#pause)
    this.#redis.destroy()
  }

  async #ask(claims: Claim[]): Promise<Verdict> {
    const replies = await this.#run({
      keys: claims.map(({ key }) => this.#prefix + key),
      arguments: claims.flatMap(({ limit }) => [String(mostOf(limit)), String(sliceOf(limit) * 1000)]),
    })
    if (!areNumbers(replies) || replies.length !== claims.length * 3) throw new TypeError('not an answer of the script')
    return verdictOf(claims.map(({ limit }, n) => opinionOf(limit, replies.slice(3 * n, 3 * n + 3))))
  }

  async #run(given: { keys: string[]; arguments: string[] }): Promise<unknown> {
    try {
      return await this.#redis.evalSha(SHA, given)
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return this.#redis.eval(SCRIPT, given) // keeps it, too
    }
  }

  #leave(error: unknown): void {
    if (this.#isAway) return
    this.#isAway = true
    logger.warn(
      { reason: error instanceof Error ? error.message : String(error) },
      'Redis is away: each process counts requests alone',
    )
    this.#probe()
  }

  #comeBack(): void {
    this.#isAway = false
    logger.info('Redis is back: processes count requests together')
  }

  /** Waits for an answer for as long as it takes: one question is enough, and it is lost when the connection is. */
  #probe(): void {
    this.#ask([PROBE]).then(
      () => this.#comeBack(),
      () => (this.#pause = setTimeout(() => this.#probe(), PAUSE_MS).unref()),
    )
  }
}

const areNumbers = (replies: unknown): replies is number[] =>
  Array.isArray(replies) && replies.every((reply) => typeof reply === 'number')

const opinionOf = (limit: Claim['limit'], [used = 0, empty_in = 0, wait = 0]: number[]): Opinion => ({
  limit,
  used,
  empty_in,
  wait,
})

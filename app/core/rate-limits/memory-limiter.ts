import {
  COUNTED,
  type Claim,
  type Opinion,
  type RateLimiter,
  type Verdict,
  mostOf,
  sliceOf,
  verdictOf,
} from './limiter.ts'
import { Windows } from './windows.ts'

// 14 MB when all are in use. Whoever has the addresses to push a key out could do more with them than that.
const MOST_KEYS = 50_000

interface MemoryLimiterOptions {
  /** Milliseconds, from any moment on. It must never go back: that of a wall does, when somebody sets it. */
  clock?: () => number
  /** How many keys are known at most; the one not heard of for the longest time is forgotten for another. */
  keys?: number
}

/** Counts in this process's memory, of a fixed size. */
export class MemoryLimiter implements RateLimiter {
  readonly #windows: Windows
  readonly #clock: () => number

  constructor({ clock = () => performance.now(), keys = MOST_KEYS }: MemoryLimiterOptions = {}) {
    this.#windows = new Windows(keys)
    this.#clock = clock
  }

  take(claims: Claim[]): Verdict {
    const now = this.#clock()
    const opinions = claims.map((claim) => this.#look(claim, now))
    if (opinions.every(({ wait }) => wait === 0))
      for (const [n, claim] of claims.entries()) opinions[n] = this.#count(claim, now)
    return verdictOf(opinions)
  }

  async close(): Promise<void> {}

  #look({ key, limit }: Claim, now: number): Opinion {
    const width = sliceOf(limit)
    const slice = Math.floor(now / width)
    const row = this.#windows.rowOf(key)
    const used = this.#windows.used(row, slice)
    const empty_in = Math.max(0, (this.#windows.newest(row) + COUNTED) * width - now)
    const surplus = used - mostOf(limit) + 1
    const wait = surplus > 0 ? Math.max(1, (this.#windows.holding(row, surplus, slice) + COUNTED) * width - now) : 0
    return { limit, used, empty_in, wait }
  }

  #count({ key, limit }: Claim, now: number): Opinion {
    const width = sliceOf(limit)
    const slice = Math.floor(now / width)
    const row = this.#windows.rowOf(key)
    this.#windows.add(row, slice)
    return { limit, used: this.#windows.used(row, slice), empty_in: (slice + COUNTED) * width - now, wait: 0 }
  }
}

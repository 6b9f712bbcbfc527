import { LIMITS } from '../core/limits.ts'
import { crowded } from './crowded.ts'

// Longer than any unit of work may take: whoever waits this long waits for a unit that waits for it in turn.
const PATIENCE_MS = 15_000

/** A queue for something only one may use at a time, first come, first served. */
export class Turns {
  #last: Promise<void> = Promise.resolve()
  #waiting = 0
  #taken = 0

  get taken(): boolean {
    return this.#taken > 0
  }

  get waiting(): number {
    return this.#waiting
  }

  /**
   * Waits for its turn. Call what it returns, once, to let the next one go.
   * @throws AppError `overloaded` at once where too many wait already, Error after 15 s of waiting
   */
  async take(): Promise<() => void> {
    if (this.#waiting >= LIMITS.waiting) throw crowded()
    const turn = Promise.withResolvers<void>()
    const before = this.#last
    this.#last = before.then(() => turn.promise)
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => late.reject(new EngineBusy()), PATIENCE_MS)
    this.#waiting++
    try {
      await Promise.race([before, late.promise])
    } catch (error) {
      turn.resolve()
      throw error
    } finally {
      clearTimeout(timer)
      this.#waiting--
    }
    this.#taken += 1
    void turn.promise.then(() => (this.#taken -= 1))
    return turn.resolve
  }

  async run<R>(work: () => Promise<R>): Promise<R> {
    const done = await this.take()
    try {
      return await work()
    } finally {
      done()
    }
  }
}

/** The embedded database stayed in use by another unit of work. Shaped as PostgreSQL's own 57014, and treated alike. */
class EngineBusy extends Error {
  readonly code = '57014'
  constructor() {
    super('The embedded database is busy with another unit of work')
  }
}

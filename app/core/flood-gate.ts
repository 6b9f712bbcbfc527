import { LRUCache } from 'lru-cache'

/** Lets one of a kind through in each period, and counts the others. Remembers so many kinds, whatever callers invent. */
export class FloodGate {
  readonly #period: number
  readonly #kinds: LRUCache<string, { until: number; leftOut: number }>

  /** @param period in milliseconds */
  constructor(period: number, kinds: number) {
    this.#period = period
    this.#kinds = new LRUCache({ max: kinds })
  }

  /** How many of the kind were left out since the last one that was let through; undefined for one that is left out, too. */
  take(kind: string, now = performance.now()): number | undefined {
    const last = this.#kinds.get(kind)
    if (last && now < last.until) {
      last.leftOut += 1
      return undefined
    }
    this.#kinds.set(kind, { until: now + this.#period, leftOut: 0 })
    return last?.leftOut ?? 0
  }
}

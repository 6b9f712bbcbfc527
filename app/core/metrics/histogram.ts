/** Upper bounds in seconds: from a cached read to what times out. */
export const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

/** Durations by size. Recording one costs some ten nanoseconds. */
export class Histogram {
  /** How many fell into each bucket; the last is what is longer than all. Not cumulative. */
  readonly counts = new Float64Array(BUCKETS.length + 1)
  sum = 0

  /** @param ms milliseconds */
  observe(ms: number): void {
    const seconds = ms / 1000
    let bucket = 0
    while (bucket < BUCKETS.length && seconds > BUCKETS[bucket]!) bucket++
    this.counts[bucket]! += 1
    this.sum += seconds
  }
}

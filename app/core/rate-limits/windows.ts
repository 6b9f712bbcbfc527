import { LRUCache } from 'lru-cache'
import { COUNTED } from './limiter.ts'

/**
 * The sliding windows of many keys in memory of a fixed size. When there is no room for another key, the one that was asked
 * for the longest time ago is forgotten. A time is the number of its slice.
 */
export class Windows {
  readonly #most: number
  /** Which row of these is a key's. */
  readonly #rows: LRUCache<string, number>
  /** Requests in each of the last slices; a slice's place is its number modulo their count. */
  readonly #counts: Uint32Array
  /** The slice of the newest request, and how many count up to it. */
  readonly #newest: Float64Array
  readonly #totals: Uint32Array

  constructor(most: number) {
    this.#most = most
    this.#rows = new LRUCache({ max: most })
    // The system gives memory page by page as it is written to: what no key has used yet costs nothing.
    this.#counts = new Uint32Array(most * COUNTED)
    this.#newest = new Float64Array(most)
    this.#totals = new Uint32Array(most)
  }

  /** The row of a key: to be asked for before each use, as keys are forgotten. */
  rowOf(key: string): number {
    const row = this.#rows.get(key)
    if (row !== undefined) return row
    const free = this.#rows.size < this.#most ? this.#rows.size : (this.#rows.pop() ?? 0)
    this.#clear(free)
    this.#rows.set(key, free)
    return free
  }

  /** How many requests count at this time. */
  used(row: number, slice: number): number {
    const newest = this.#newest[row]!
    if (slice - newest >= COUNTED) return 0
    let used = this.#totals[row]!
    for (let gone = newest + 1; gone <= slice; gone++) used -= this.#counts[this.#place(row, gone)]!
    return used
  }

  /** Counts one. */
  add(row: number, slice: number): void {
    const total = this.used(row, slice)
    const newest = this.#newest[row]!
    if (slice - newest >= COUNTED) this.#clear(row)
    else for (let gone = newest + 1; gone <= slice; gone++) this.#counts[this.#place(row, gone)] = 0
    this.#counts[this.#place(row, slice)]! += 1
    this.#newest[row] = slice
    this.#totals[row] = total + 1
  }

  /** The slice that leaves the window when the last request has. */
  newest(row: number): number {
    return this.#newest[row]!
  }

  /** Of the oldest slices that count, the last of those that hold so many requests. */
  holding(row: number, requests: number, slice: number): number {
    let oldest = Math.max(0, slice - COUNTED + 1)
    for (let left = requests; oldest < this.#newest[row]!; oldest++) {
      left -= this.#counts[this.#place(row, oldest)]!
      if (left <= 0) break
    }
    return oldest
  }

  #place(row: number, slice: number): number {
    return row * COUNTED + (slice % COUNTED)
  }

  #clear(row: number): void {
    this.#counts.fill(0, row * COUNTED, (row + 1) * COUNTED)
    this.#newest[row] = -COUNTED
    this.#totals[row] = 0
  }
}

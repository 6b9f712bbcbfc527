/** So many requests in a sliding window of so many seconds. The burst is let through besides, and promised to nobody. */
export interface Limit {
  requests: number
  burst: number
  seconds: number
}

/** One of the limits that a request counts towards. A key belongs to one limit for ever. */
export interface Claim {
  key: string
  limit: Limit
}

/** What became of a request. Times are in milliseconds from now. */
export interface Verdict {
  passed: boolean
  /** Of all its limits the one with the least left; of those that refuse it the one that lasts longest. */
  limit: Limit
  /** How many more `limit` promises. */
  remaining: number
  /** Until `limit` is as if nobody had asked, if nobody does. */
  empty_in: number
  /** Until one more would pass: 0 unless this one was refused. */
  wait: number
}

/**
 * Counts requests in sliding windows. A window has 60 slices; a request counts until its slice has left the window, so for up
 * to a slice longer than the window, and never shorter: no span as long as the window has more than `requests + burst`.
 */
export interface RateLimiter {
  /** Counts a request towards all of these, or, where one of them is full, towards none. Never rejects. */
  take(claims: Claim[]): Verdict | Promise<Verdict>
  close(): Promise<void>
}

const SLICES = 60
/** Slices that count: those of the window, and the one that is about to leave it. */
export const COUNTED = SLICES + 1

/** In milliseconds. */
export const sliceOf = ({ seconds }: Limit): number => (seconds * 1000) / SLICES

export const mostOf = ({ requests, burst }: Limit): number => requests + burst

/** What one limit says. */
export interface Opinion {
  limit: Limit
  used: number
  empty_in: number
  wait: number
}

/** Of several limits' opinions, with the request counted where it was, the one to tell the caller. */
export function verdictOf(opinions: Opinion[]): Verdict {
  const passed = opinions.every(({ wait }) => wait === 0)
  const told = opinions.reduce(passed ? scarcer : longer)
  const { limit, empty_in, wait } = told
  return { passed, limit, remaining: remainingOf(told), empty_in, wait }
}

const remainingOf = ({ limit, used }: Opinion) => Math.max(0, limit.requests - used)
const scarcer = (a: Opinion, b: Opinion) => (remainingOf(b) < remainingOf(a) ? b : a)
const longer = (a: Opinion, b: Opinion) => (b.wait > a.wait ? b : a)

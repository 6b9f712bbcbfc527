/**
 * What work comes to, for who will not wait for ever. The work itself goes on.
 * @throws `late` when it takes longer, and whatever the work throws
 */
export async function inTime<R>(work: Promise<R>, milliseconds: number, late: Error): Promise<R> {
  const { promise, reject } = Promise.withResolvers<never>()
  // After a pause of this process timers come first: what has arrived meanwhile is heard before.
  const timer = setTimeout(() => setImmediate(reject, late), milliseconds)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}

/** What the shell shows for a process that Ctrl-C ended: 128 and the signal's number. */
export const INTERRUPTED = 130

/** Stands for the work that was interrupted. */
export class Interrupted extends Error {}

/**
 * Runs `work` until it ends or this process is told to stop; then its transaction, if it has one, is never committed.
 * A second Ctrl-C ends the process at once.
 * @throws Interrupted
 */
export async function interruptible<R>(work: (signal: AbortSignal) => Promise<R>): Promise<R> {
  const controller = new AbortController()
  const { promise: interrupted, reject } = Promise.withResolvers<never>()
  const stop = () => {
    if (controller.signal.aborted) process.exit(INTERRUPTED)
    controller.abort()
    reject(new Interrupted())
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  try {
    return await Promise.race([work(controller.signal), interrupted])
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}

// npm passes on a Ctrl-C that the terminal has already sent: the same one, a moment later, and no second one.
const SAME_MS = 500

/**
 * A signal that is aborted when this process is told to stop: by SIGTERM, by Ctrl-C, by the end of its terminal or of the
 * process that started it. Its reason is the signal's name. A second Ctrl-C ends the process at once.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController()
  let since = 0
  const stop = (reason: string) => {
    since ||= performance.now()
    controller.abort(reason)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', (name) => {
    if (since && performance.now() - since > SAME_MS) process.exit(130)
    stop(name)
  })
  process.on('disconnect', () => stop('disconnect'))
  if (process.send && !process.connected) stop('disconnect') // it was gone before this was called
  if (process.stdin.isTTY) process.on('SIGHUP', stop) // the terminal was closed; elsewhere SIGHUP means rotated logs
  return controller.signal
}

/** Waits for the abort of a signal. */
export async function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  signal.addEventListener('abort', () => resolve(), { once: true })
  if (!signal.aborted) await promise
}

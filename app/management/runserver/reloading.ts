import { aborted, stopSignal } from '../../stop-signal.ts'
import type { Terminal } from '../terminal.ts'
import { type ServerOptions, ServerProcess } from './server-process.ts'
import { SourceWatcher } from './source-watcher.ts'

/**
 * Serves in a process of its own, which is replaced at each change of the code. The old one ends before the new one
 * starts: only one may have the embedded database open. Code that does not start waits for the next change, but not the
 * first time: what is wrong then (a port in use, a database that is away) no change of the code will mend.
 * @returns the exit code
 */
export async function serveReloading(options: ServerOptions, terminal: Terminal): Promise<number> {
  const stop = stopSignal()
  const watcher = new SourceWatcher(options.directory)
  let server = new ServerProcess(options)
  process.on('SIGHUP', () => void server.reopenLogs())
  stop.addEventListener('abort', () => void server.stop('SIGINT')) // in the middle of its start, too
  try {
    const url = await server.listening
    if (!url) return stop.aborted ? 0 : 1
    terminal.show({ url }, () => `Listening on ${url}; a change of the code restarts it (Ctrl-C stops)`)
    for (;;) {
      void tellEnd(server, stop, terminal)
      const changed = await Promise.race([watcher.next(), aborted(stop)])
      await server.stop('SIGINT')
      if (!changed) return 0
      server = new ServerProcess(options)
      void tellRestart(server, changed, terminal)
    }
  } finally {
    watcher.close()
  }
}

async function tellRestart(server: ServerProcess, changed: string, terminal: Terminal): Promise<void> {
  const url = await server.listening
  if (url) terminal.say(`${changed} changed: restarted in ${Math.round(server.age)} ms on ${url}`)
}

async function tellEnd(server: ServerProcess, stop: AbortSignal, terminal: Terminal): Promise<void> {
  await server.ended
  if (!server.stopping && !stop.aborted) terminal.warn(`The server has ended (${server.end}); waiting for a change`)
}

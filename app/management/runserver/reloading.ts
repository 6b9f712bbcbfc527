import { setTimeout as delay } from 'node:timers/promises'
import type { Settings } from '../../core/config.ts'
import { lastHolder } from '../../db/folder-lock.ts'
import { aborted, stopSignal } from '../../stop-signal.ts'
import type { Terminal } from '../terminal.ts'
import { ServerProcess } from './server-process.ts'
import { SourceWatcher } from './source-watcher.ts'

const MENDED = 'Mended'
const RETRY_MS = 3000

/**
 * Serves in a process of its own, which is replaced at each change of the code. The old one ends before the new one
 * starts: only one may have the embedded database open. Code that does not start waits for the next change; what is
 * wrong outside of the code (a migration that is lacking, a database that is away) may be mended meanwhile, and is tried
 * again. The first time it ends instead.
 * @returns the exit code
 */
export async function serveReloading(settings: Settings, terminal: Terminal): Promise<number> {
  const stop = stopSignal()
  const watcher = new SourceWatcher(settings.directory)
  let server = new ServerProcess(settings)
  process.on('SIGHUP', () => void server.reopenLogs())
  stop.addEventListener('abort', () => void server.stop('SIGINT')) // in the middle of its start, too
  try {
    const url = await server.listening
    if (!url) return stop.aborted ? 0 : 1
    terminal.show({ url }, () => `Listening on ${url}; a change of the code restarts it (Ctrl-C stops)`)
    let change = watcher.next()
    let known: string | undefined
    for (;;) {
      void tellEnd(server, stop, terminal, known)
      const changed = await Promise.race([change, mended(server, settings), aborted(stop)])
      await server.stop('SIGINT')
      if (!changed) return 0
      if (changed !== MENDED) change = watcher.next()
      known = changed === MENDED ? server.failure : undefined
      server = new ServerProcess(settings, 1, known)
      void tellRestart(server, changed, terminal)
    }
  } finally {
    watcher.close()
  }
}

async function tellRestart(server: ServerProcess, changed: string, terminal: Terminal): Promise<void> {
  const url = await server.listening
  const why = changed === MENDED ? changed : `${changed} changed`
  if (url) terminal.say(`${why}: restarted in ${Math.round(server.age)} ms on ${url}`)
}

/** Waits until what ended a server's start may be mended; an embedded database is the same until another process has had it. */
async function mended(server: ServerProcess, { DATABASE }: Settings): Promise<string> {
  await server.ended
  while (server.failure !== undefined && !server.stopping) {
    await delay(RETRY_MS, undefined, { ref: false })
    if (DATABASE.kind !== 'embedded' || lastHolder(DATABASE.path) !== String(server.pid)) return MENDED
  }
  return new Promise(() => {})
}

async function tellEnd(server: ServerProcess, stop: AbortSignal, terminal: Terminal, known?: string): Promise<void> {
  await server.ended
  if (server.stopping || stop.aborted || (known && server.failure === known)) return
  const forWhat = server.failure ? 'waiting until it is mended, or for a change' : 'waiting for a change'
  terminal.warn(`The server has ended (${server.end}); ${forWhat}`)
}

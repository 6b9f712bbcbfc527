import { setTimeout as delay } from 'node:timers/promises'
import { stopSignal } from '../../stop-signal.ts'
import type { Terminal } from '../terminal.ts'
import { type ServerOptions, ServerProcess } from './server-process.ts'

// A worker that lived shorter than this died of something that will probably kill the next one too.
const SETTLED_MS = 10_000
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000

/**
 * Serves with several processes behind one port, and replaces those that die. The first one starts alone: where it cannot,
 * the others could not either.
 * @returns the exit code
 */
export async function serveWithWorkers(count: number, options: ServerOptions, terminal: Terminal): Promise<number> {
  const stop = stopSignal()
  const running = new Set<ServerProcess>()
  stop.addEventListener('abort', () => {
    const allClosed = Promise.all([...running].map((worker) => worker.closed))
    running.forEach((worker) => void worker.stop('SIGTERM', allClosed))
  })
  process.on('SIGHUP', () => running.forEach((worker) => void worker.reopenLogs()))

  const begin = () => {
    const worker = new ServerProcess(options, count)
    running.add(worker)
    void worker.ended.then(() => running.delete(worker))
    return worker
  }
  const keepOneRunning = async (first: ServerProcess) => {
    let pause = 0
    for (let worker = first; ; worker = begin()) {
      if (worker !== first) void tellListening(worker, terminal)
      await worker.ended
      if (stop.aborted) return
      pause = worker.age > SETTLED_MS ? 0 : Math.min(pause * 2 || FIRST_PAUSE_MS, LONGEST_PAUSE_MS)
      terminal.warn(`Worker ${worker.pid} has ended (${worker.end}); starting another in ${pause} ms`)
      await delay(pause, undefined, { signal: stop }).catch(() => {})
      if (stop.aborted) return
    }
  }

  const first = begin()
  const url = await first.listening
  if (!url) return stop.aborted ? 0 : 1
  if (stop.aborted) return first.ended.then(() => 0) // the others would not hear of it
  const workers = [first, ...Array.from({ length: count - 1 }, begin)]
  const all = Promise.all(workers.map(keepOneRunning))
  await Promise.all(workers.map((worker) => worker.listening))
  if (!stop.aborted)
    terminal.show({ url, workers: count }, () => `Listening on ${url} with ${count} workers (Ctrl-C stops)`)
  await all
  return 0
}

async function tellListening(worker: ServerProcess, terminal: Terminal): Promise<void> {
  if (await worker.listening) terminal.say(`Worker ${worker.pid} listens`)
}

import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Settings } from '../../core/config.ts'
import { PROCESSES } from '../../processes.ts'

/** What a server process is told; the other settings it reads itself, and anew each time. */
export type ServerOptions = Pick<Settings, 'directory' | 'HOST' | 'PORT'>

/** A server in a process of its own: `main.ts`. Several share one port. */
export class ServerProcess {
  readonly #worker: Worker
  readonly #started = performance.now()
  /** Its address once it listens, undefined when it ended before that. */
  readonly listening: Promise<string | undefined>
  readonly ended: Promise<void>
  /** Whether it was told to stop. */
  stopping = false

  /** @param count how many of them there are to be */
  constructor({ directory, HOST, PORT }: ServerOptions, count = 1) {
    cluster.setupPrimary({ exec: join(directory, 'main.ts'), args: [] })
    this.#worker = cluster.fork({
      HOST,
      PORT: String(PORT),
      [PROCESSES]: String(count),
      NODE_COMPILE_CACHE: join(directory, 'var', 'cache'),
    })
    this.ended = once(this.#worker, 'exit').then(() => {})
    const address = once(this.#worker, 'message').then(([message]) => (message as { listening: string }).listening)
    this.listening = Promise.race([address, this.ended.then(() => undefined)])
  }

  get pid(): number | undefined {
    return this.#worker.process.pid
  }

  /** How it ended: its exit code or the signal that killed it. */
  get end(): string {
    const { exitCode, signalCode } = this.#worker.process
    return signalCode ?? `exit code ${exitCode}`
  }

  /** Milliseconds since its start. */
  get age(): number {
    return performance.now() - this.#started
  }

  /** Lets it finish what it has begun. */
  async stop(): Promise<void> {
    this.stopping = true
    this.#worker.process.kill('SIGTERM')
    await this.ended
  }

  reopenLogs(): void {
    this.#worker.process.kill('SIGHUP')
  }
}

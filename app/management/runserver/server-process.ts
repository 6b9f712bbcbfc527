import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Settings } from '../../core/config.ts'
import type { MetricMessage } from '../../core/metrics/siblings.ts'
import { PROCESSES } from '../../processes.ts'
import { exchangeMetrics } from './metric-exchange.ts'

/** What a server process is told; the other settings it reads itself, and anew each time. */
export type ServerOptions = Pick<Settings, 'directory' | 'HOST' | 'PORT'>

/** What it says: its address, or what a person must mend before it can have one; and, when it stops, what it waits for an answer to (`askParent`). */
type Message = { listening: string } | { failed: string } | MetricMessage | 'turn' | 'closed'

/** A server in a process of its own: `main.ts`. Several share one port. */
export class ServerProcess {
  readonly #worker: Worker
  readonly #started = performance.now()
  /** Its address once it listens, undefined when it ended before that. */
  readonly listening: Promise<string | undefined>
  /** It takes no connections any more. */
  readonly closed: Promise<void>
  readonly ended: Promise<void>
  /** Whether it was told to stop. */
  stopping = false
  /** What ended its start, where a person can mend that without a change of the code. */
  failure: string | undefined
  #othersClosed: Promise<unknown> = Promise.resolve()

  /** @param count how many of them there are to be. @param known a failure that was told before */
  constructor({ directory, HOST, PORT }: ServerOptions, count = 1, known?: string) {
    exchangeMetrics()
    cluster.setupPrimary({ exec: join(directory, 'main.ts'), args: [] })
    this.#worker = cluster.fork({
      HOST,
      PORT: String(PORT),
      [PROCESSES]: String(count),
      NODE_COMPILE_CACHE: join(directory, 'var', 'cache'),
    })
    // Only when it is disconnected, too, has everything been heard that it said.
    this.ended = Promise.all([once(this.#worker, 'exit'), once(this.#worker, 'disconnect')]).then(() => {})
    const address = Promise.withResolvers<string>()
    const deaf = Promise.withResolvers<void>()
    this.listening = Promise.race([address.promise, this.ended.then(() => undefined)])
    this.closed = Promise.race([deaf.promise, this.ended])
    this.#worker.on('message', (message: Message) => {
      const answer = () => this.#worker.send(message, () => {}) // it may be gone; unheard, the error would end us
      if (message === 'turn') answer()
      else if (message === 'closed') {
        deaf.resolve()
        void this.#othersClosed.then(answer)
      } else if ('listening' in message) address.resolve(message.listening)
      else if ('failed' in message) {
        this.failure = message.failed
        if (message.failed !== known) process.stderr.write(message.failed)
      }
    })
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

  /**
   * Lets it finish what it has begun; with SIGINT without waiting for requests that may be on their way. Until
   * `othersClosed` it tells nobody to close a connection: they would come to the others with a new one.
   */
  async stop(signal: 'SIGTERM' | 'SIGINT', othersClosed: Promise<unknown> = Promise.resolve()): Promise<void> {
    if (!this.stopping) {
      this.stopping = true
      this.#othersClosed = othersClosed
      this.#worker.process.kill(signal)
    }
    await this.ended
  }

  /** Once it listens: before, the signal would end it. */
  async reopenLogs(): Promise<void> {
    if (await this.listening) this.#worker.process.kill('SIGHUP')
  }
}

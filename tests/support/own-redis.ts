import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from '@redis/client'
import { freePort } from './free-port.ts'

/** Where this machine can run a Redis server of a test's own. */
export const CAN_RUN_REDIS = spawnSync('redis-server', ['--version']).status === 0

const DEADLINE_MS = 10_000

/** A Redis server that a test may stop and start again, with nothing on disk. */
export class OwnRedis {
  readonly #port: number
  #server: ChildProcess | undefined

  private constructor(port: number) {
    this.#port = port
  }

  static async start(): Promise<OwnRedis> {
    const redis = new OwnRedis(await freePort())
    await redis.start()
    return redis
  }

  get url(): string {
    return `redis://127.0.0.1:${this.#port}`
  }

  /** Starts it, and waits until it answers. */
  async start(): Promise<void> {
    const options = ['--port', String(this.#port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
    this.#server = spawn('redis-server', options, { cwd: tmpdir(), stdio: 'ignore' })
    const deadline = AbortSignal.timeout(DEADLINE_MS)
    while (!(await this.#answers())) {
      if (deadline.aborted) throw new Error('Redis does not start')
      await pause(20)
    }
  }

  /** Ends it at once, as a crash does. */
  async stop(): Promise<void> {
    if (!this.#server || this.#server.signalCode !== null || this.#server.exitCode !== null) return
    const exit = once(this.#server, 'exit')
    this.#server.kill('SIGKILL')
    await exit
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #answers(): Promise<boolean> {
    const client = createClient({ url: this.url, socket: { reconnectStrategy: false } })
    client.on('error', () => {})
    return client
      .connect()
      .then(() => client.ping())
      .then(
        () => true,
        () => false,
      )
      .finally(() => client.destroy())
  }
}

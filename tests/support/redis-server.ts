import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { freePort } from './free-port.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** Where this machine has a Redis that tests may start and stop. */
export const REDIS_SERVER = [
  '/usr/bin/redis-server',
  '/usr/local/bin/redis-server',
  '/opt/homebrew/bin/redis-server',
].find((path) => existsSync(path))

/** A Redis of a test's own, on one port for as long as the test lasts. */
export class RedisServer {
  readonly #folder = temporaryFolder()
  #stop: (() => Promise<unknown>) | undefined
  #port = 0

  get url(): string {
    return `redis://127.0.0.1:${this.#port}`
  }

  async start(): Promise<void> {
    this.#port ||= await freePort()
    const options = ['--port', String(this.#port), '--bind', '127.0.0.1', '--save', '', '--dir', this.#folder.path]
    const child = spawn(REDIS_SERVER ?? 'redis-server', options)
    const ended = once(child, 'close')
    this.#stop = () => (child.kill('SIGKILL'), ended)
    const { promise, resolve } = Promise.withResolvers<void>()
    child.stdout.on('data', (text) => String(text).includes('Ready to accept connections') && resolve())
    await Promise.race([promise, ended.then(() => Promise.reject(new Error('redis-server has ended')))])
  }

  /** As a crash does. */
  async stop(): Promise<void> {
    await this.#stop?.()
    this.#stop = undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    this.#folder.remove()
  }
}

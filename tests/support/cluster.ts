import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { vi } from 'vitest'
import { type TestUser } from './baseline.ts'
import { PASSWORD } from './password.ts'
import { type Asked, type Reply, ask } from './ask.ts'
import { freePort } from './free-port.ts'
import { startNginx } from './nginx.ts'
import { Running, serverFolder } from './running.ts'
import { serverCopy } from './server-copy.ts'

export const REDIS_URL = process.env['TEST_REDIS_URL']

// For machines that do much else at the same time.
const PATIENT = { timeout: 60_000, interval: 20 }

/** Server processes on one database and one Redis, and nginx before them, as `deploy/` sets them up. */
export async function startCluster(size: number, env: NodeJS.ProcessEnv = {}) {
  await using started = new AsyncDisposableStack()
  const copy = started.use(await serverCopy())
  const engine = copy.open({ poolSize: 2 })
  const shared = { DATABASE_URL: copy.url, REDIS_URL, HOST: '127.0.0.1', TRUSTED_PROXIES: '127.0.0.1', ...env }
  const processes = await Promise.all(
    Array.from({ length: size }, async () => {
      const place = started.use(serverFolder())
      const port = await freePort()
      const start = () => new Running(['main.ts'], { env: { ...place.env, ...shared, PORT: String(port) } })
      const log = () => readFileSync(join(place.env.LOG_DIR, 'fastvue.log'), 'utf8')
      const one = { port, url: `http://127.0.0.1:${port}`, start, log, running: start() }
      started.defer(() => one.running[Symbol.asyncDispose]())
      return one
    }),
  )
  await Promise.all(processes.map(({ running }) => running.said(/listens on/)))
  const nginx = started.use(await startNginx(processes.map(({ port }) => port)))
  const kept = started.move()
  return {
    engine,
    nginx,
    /** Where people come to. */
    url: nginx.url,
    processes,
    /** Starts one again once it has ended, and waits until it listens. */
    async restart(number: number): Promise<void> {
      const one = processes[number]!
      await one.running.ended()
      one.running = one.start()
      await one.running.said(/listens on/)
    },
    /** Somebody at an address of their own. */
    visitor: (from?: string) => new Visitor(nginx.url, from),
    /** What each process says to the same request, past the proxy. */
    async everywhere(visitor: Visitor, path: string): Promise<number[]> {
      const replies = await Promise.all(processes.map(({ url }) => visitor.get(path, { at: url })))
      return replies.map(({ status }) => status)
    },
    /** The processes that requests whose id begins so went to. */
    async servedBy(prefix: string): Promise<string[]> {
      const ports = processes.map(({ port }) => `127.0.0.1:${port}`)
      const found = await vi.waitUntil(() => {
        const lines = nginx.passed().filter(({ request_id }) => request_id.startsWith(prefix))
        return lines.length > 0 && lines
      }, PATIENT)
      return ports.filter((port) => found.some(({ upstream }) => upstream.includes(port)))
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

let visitors = 0

/** A client of the API, from an address that no other one has. */
export class Visitor {
  readonly address: string
  readonly #url: string
  token = ''
  refresh_token = ''

  // Another run's traces are in the same Redis: the middle two numbers are this process's.
  constructor(
    url: string,
    address = `127.${(process.pid % 200) + 20}.${((process.pid >> 8) % 200) + 20}.${(visitors++ % 200) + 2}`,
  ) {
    this.#url = url
    this.address = address
  }

  /** @param at another address than the proxy's */
  call(
    method: string,
    path: string,
    { at = this.#url, headers = {}, ...more }: Asked & { at?: string } = {},
  ): Promise<Reply> {
    const bearer: Record<string, string> = this.token ? { authorization: `Bearer ${this.token}` } : {}
    return ask(`${at}/api/v1${path}`, { method, from: this.address, ...more, headers: { ...bearer, ...headers } })
  }

  get = (path: string, more: Asked & { at?: string } = {}) => this.call('GET', path, more)
  post = (path: string, body?: object, more: Asked & { at?: string } = {}) =>
    this.call('POST', path, { ...more, ...(body && { body }) })

  async logIn({ username }: Pick<TestUser, 'username'>): Promise<this> {
    return this.take(await this.post('/auth/login', { username, password: PASSWORD }))
  }

  /** Goes on with the tokens of a reply. */
  take(reply: Reply): this {
    if (reply.status !== 200) throw new Error(`${reply.status}: ${reply.text}`)
    const { access_token, refresh_token } = reply.json()
    this.token = String(access_token)
    this.refresh_token = String(refresh_token)
    return this
  }
}

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { openServer } from '../../app/db/server.ts'
import { buildBaseline } from './baseline.ts'
import { freePort } from './free-port.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** How a server of a test's own ends: after its clients' transactions are undone, at once, or as in a power cut. */
export type PostgresEnd = 'fast' | 'immediate' | 'killed'

const SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT', killed: 'SIGKILL' } as const
const BINARIES = findBinaries()
// No test is about PostgreSQL's own promise to the disk, and several clusters share a small machine.
const QUICK = { fsync: 'off', shared_buffers: '16MB', max_connections: '60', autovacuum: 'off', jit: 'off' }
const DEADLINE_MS = 60_000

/** Where this machine can run a PostgreSQL server of a test's own. */
export const CAN_RUN_POSTGRES = BINARIES !== undefined

/** A PostgreSQL server that a test may stop, kill and start again, in a temporary folder, on a port of its own. */
export class OwnPostgres {
  readonly #folder: { path: string; remove: () => void }
  readonly #data: string
  readonly #port: number
  #server: ChildProcess | undefined

  private constructor(folder: { path: string; remove: () => void }, port: number) {
    this.#folder = folder
    this.#data = join(folder.path, 'data')
    this.#port = port
  }

  /** Makes a cluster and starts it. */
  static async start(): Promise<OwnPostgres> {
    const folder = temporaryFolder()
    const postgres = new OwnPostgres(folder, await freePort())
    const { uid, gid } = owner()
    chmodSync(folder.path, 0o711) // the server's user must get through
    mkdirSync(postgres.#data, { mode: 0o700 })
    if (uid !== undefined && gid !== undefined) chownSync(postgres.#data, uid, gid)
    const options = ['-D', postgres.#data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
    execFileSync(join(BINARIES ?? '', 'initdb'), options, { ...owner(), cwd: '/', stdio: 'pipe' })
    await postgres.start()
    return postgres
  }

  /** Starts one with the baseline in it. */
  static async startFilled(): Promise<OwnPostgres> {
    const postgres = await OwnPostgres.start()
    const engine = openServer({ url: postgres.url(), poolSize: 1 })
    await buildBaseline(engine)
    await engine.close()
    return postgres
  }

  /** The address of a database on it. */
  url(database = 'postgres'): string {
    return `postgres://postgres@127.0.0.1:${this.#port}/${database}`
  }

  /** Starts it, and waits until it answers. */
  async start(): Promise<void> {
    const settings = Object.entries({ ...QUICK, port: this.#port, listen_addresses: '127.0.0.1' })
    const options = settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const deadline = AbortSignal.timeout(DEADLINE_MS)
    do {
      if (deadline.aborted) throw new Error('PostgreSQL does not start')
      if (!this.#isRunning()) this.#spawn(options) // or again: what a killed one has left takes a moment to go
      await pause(20)
    } while (!(await this.#answers()))
  }

  /** Ends it, and waits until it has ended. */
  async stop(how: PostgresEnd = 'immediate'): Promise<void> {
    const server = this.#server
    if (!server || !this.#isRunning()) return
    const exit = once(server, 'exit')
    server.kill(SIGNALS[how])
    await exit
  }

  async restart(how: PostgresEnd): Promise<void> {
    await this.stop(how)
    await this.start()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    this.#folder.remove()
  }

  #spawn(options: string[]): void {
    const program = join(BINARIES ?? '', 'postgres')
    this.#server = spawn(program, ['-D', this.#data, '-k', '', ...options], { ...owner(), cwd: '/', stdio: 'ignore' })
  }

  #isRunning(): boolean {
    return this.#server?.exitCode === null && this.#server.signalCode === null
  }

  async #answers(): Promise<boolean> {
    const client = new pg.Client({ connectionString: this.url(), connectionTimeoutMillis: 1000 })
    client.on('error', () => {})
    return client.connect().then(
      () => client.end().then(() => true),
      () => false,
    )
  }
}

/** PostgreSQL refuses to run as root: there, its own user does it. */
function owner(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

/** Debian keeps each version's programs in a folder of its own, outside the PATH. */
function findBinaries(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : []
  const found = versions.map((version) => join(debian, version, 'bin')).find((path) => existsSync(join(path, 'initdb')))
  if (found) return found
  const { stdout, status } = spawnSync('sh', ['-c', 'command -v initdb'], { encoding: 'utf8' })
  return status === 0 ? dirname(stdout.trim()) : undefined
}

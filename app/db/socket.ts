import { createHash } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import type { Turns } from './turns.ts'

// A unix socket's path may have 107 bytes on Linux and 103 on macOS; PostgreSQL's clients want this name in a folder.
const LONGEST = 103
const NAME = '.s.PGSQL.5432'

/** Where a folder's database is shared: in the folder, or under the temporary folder when its path is too long for a socket. */
export function socketPath(folder: string): { directory: string; file: string } {
  const short = join(tmpdir(), `fastvue-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`)
  const directory = Buffer.byteLength(join(folder, NAME)) <= LONGEST ? folder : short
  return { directory, file: join(directory, NAME) }
}

/**
 * Lets other processes of this user use the database through a unix socket, while this one has it open.
 * `onForeignWork` is called after each of their units of work: the NOTIFYs of those go to them, not to this process.
 */
export async function shareOnSocket(
  lite: PGlite,
  turns: Turns,
  folder: string,
  onForeignWork: () => void,
): Promise<{ close(): Promise<void> }> {
  const { directory, file } = socketPath(folder)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  rmSync(file, { force: true }) // left by a killed process: the folder's lock says that nobody serves it
  const db = new TurnTakingDatabase(lite, turns, onForeignWork) as unknown as PGlite
  const server = new PGLiteSocketServer({ db, path: file, maxConnections: 16 })
  await server.start()
  return { close: () => server.stop() }
}

/** Messages after which PostgreSQL is ready for another client: simple query, sync, terminate, and the untyped start-up. */
const COMPLETE = new Set(['Q', 'S', 'X', '\0'].map((type) => type.charCodeAt(0)))

/**
 * The part of PGlite that the socket server uses, made to wait its turn. PGlite has one session for everybody: without
 * this, a command's statement could run inside a request's open transaction, in that request's company.
 */
class TurnTakingDatabase {
  readonly waitReady: Promise<void>
  readonly #lite: PGlite
  readonly #turns: Turns
  readonly #onForeignWork: () => void
  #done: (() => void) | undefined // held from a client's first message until it is between transactions
  #complete = true

  constructor(lite: PGlite, turns: Turns, onForeignWork: () => void) {
    this.waitReady = lite.waitReady
    this.#lite = lite
    this.#turns = turns
    this.#onForeignWork = onForeignWork
  }

  /** For the socket server: "the client that spoke last must speak next". */
  isInTransaction(): boolean {
    return this.#done !== undefined
  }

  async runExclusive<R>(work: () => Promise<R>): Promise<R> {
    this.#done ??= await this.#turns.take()
    try {
      return await this.#lite.runExclusive(work)
    } finally {
      this.#settle()
    }
  }

  async execProtocolRawStream(
    message: Uint8Array,
    options: Parameters<PGlite['execProtocolRawStream']>[1],
  ): Promise<void> {
    this.#complete = COMPLETE.has(message[0] ?? 0)
    await this.#lite.execProtocolRawStream(message, options)
  }

  /** For the socket server: a client went away in the middle of its transaction. */
  async exec(sql: string): Promise<void> {
    await this.#lite.exec(sql)
    this.#complete = true
    this.#settle()
  }

  #settle(): void {
    if (!this.#done || !this.#complete || this.#lite.isInTransaction()) return
    this.#onForeignWork()
    this.#done()
    this.#done = undefined
  }
}

import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { Listener } from './engine.ts'

// How long an announcement may be under way before nothing is believed any more: what the contract allows, milliseconds.
const BELIEVED_MS = 100
// From one question to the next. An answer may take 50 ms, or come 60 ms late in a busy process, before anybody has to ask
// the database instead; it costs an idle process 1 to 2 % of a core.
const EVERY_MS = 40
// A server that is there answers in a few milliseconds; TCP alone gives a dead one up after a quarter of an hour.
const SILENCE_MS = 1000
// To connect takes several round trips, TLS and the work of a password.
const CONNECT_MS = 5000
const RETRY_MS = 200

const QUESTION = 'SELECT pg_backend_pid() AS pid'

export interface Hearing {
  config: pg.ClientConfig
  channel: string
  onNotice: (payload: string) => void
  onMissed: () => void
}

/**
 * A connection of its own that only listens, and comes back by itself. It asks all the time whether the server is there:
 * PostgreSQL delivers what was committed before a question arrived ahead of the answer, so an answer proves that all which
 * was committed before its question was sent has been heard. A connection that is only silent proves nothing, however
 * alive it looks.
 */
export class ServerListener implements Listener {
  readonly #hearing: Hearing
  #client: pg.Client | undefined
  /** When the latest question that has an answer was sent. */
  #proven = -Infinity
  /** The latest question: the next one waits for its answer, as a connection takes one at a time. */
  #asked: Promise<unknown> = Promise.resolve()
  #closed = false

  private constructor(hearing: Hearing) {
    this.#hearing = hearing
  }

  /** Ready once it listens or the first attempt has failed. */
  static async open(hearing: Hearing): Promise<ServerListener> {
    const listener = new ServerListener(hearing)
    const begun = Promise.withResolvers<void>()
    void listener.#goOn(begun.resolve)
    await begun.promise
    return listener
  }

  /** Whether everything that was committed more than 100 ms ago has been heard. */
  trusted(): boolean {
    return performance.now() - this.#proven <= BELIEVED_MS
  }

  async caughtUp(): Promise<void> {
    if (!this.#client || !this.trusted()) return
    await this.#ask(this.#client).catch(() => (this.#proven = -Infinity))
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#client) await part(this.#client)
  }

  async #ask(client: pg.Client): Promise<void> {
    const asked = this.#asked.catch(() => {}).then(() => client.query<{ pid: number }>(QUESTION))
    this.#asked = asked
    const { rows } = await asked
    if (rows[0]?.pid !== processIdOf(client)) throw new Error('A pooler: other connections hear what this one should')
  }

  async #goOn(onBegun: () => void): Promise<void> {
    while (!this.#closed) {
      const { config, onNotice } = this.#hearing
      const client = new pg.Client({ ...config, connectionTimeoutMillis: CONNECT_MS, query_timeout: SILENCE_MS })
      this.#client = client
      client.on('notification', ({ payload = '' }) => onNotice(payload))
      client.on('error', () => {}) // followed by `end`
      client.on('end', () => (this.#proven = -Infinity))
      await this.#hear(client, onBegun).catch(() => {})
      await part(client)
      onBegun()
      await pause(RETRY_MS, undefined, { ref: false })
    }
  }

  /** Listens until the connection fails. @throws Error then, always */
  async #hear(client: pg.Client, onBegun: () => void): Promise<never> {
    await client.connect()
    await client.query(`LISTEN ${pg.escapeIdentifier(this.#hearing.channel)}`)
    this.#hearing.onMissed() // before anything is believed again
    for (;;) {
      const sent = performance.now()
      await this.#ask(client)
      this.#proven = sent
      onBegun()
      await pause(Math.max(0, sent + EVERY_MS - performance.now()), undefined, { ref: false })
    }
  }
}

// The process that the server gave this connection (BackendKeyData); the driver's types leave it out.
const processIdOf = (client: pg.Client) => (client as pg.Client & { processID?: number }).processID

/** Says goodbye, and cuts a connection that cannot hear it. */
async function part(client: pg.Client): Promise<void> {
  const cut = setTimeout(() => client.connection.stream.destroy(), SILENCE_MS)
  await client.end()
  clearTimeout(cut)
}

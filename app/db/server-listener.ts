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

/** Who is told what is announced on a channel. */
export interface Hearing {
  channel: string
  onNotice: (payload: string) => void
  onMissed: () => void
}

/**
 * A connection of its own that only listens, to as many channels as anybody wants, and comes back by itself. It asks all the
 * time whether the server is there: PostgreSQL delivers what was committed before a question arrived ahead of the answer, so
 * an answer proves that all which was committed before its question was sent has been heard. A connection that is only silent
 * proves nothing, however alive it looks.
 */
export class ServerListener {
  readonly #config: pg.ClientConfig
  readonly #hearings = new Set<Hearing>()
  #client: pg.Client | undefined
  /** Whether the connection listens to every channel that was wanted when it was opened. */
  #listens = false
  /** When the latest question that has an answer was sent. */
  #proven = -Infinity
  #latest: Promise<unknown> = Promise.resolve()
  /** Settles once it listens, or the first attempt has failed. */
  #begun: Promise<void> | undefined
  #closed = false

  constructor(config: pg.ClientConfig) {
    this.#config = config
  }

  /** Listens to one more channel. Ready once it does, or while there is no connection. */
  async add(hearing: Hearing): Promise<Listener> {
    this.#hearings.add(hearing)
    if (this.#listens && this.#client) await this.#listen(this.#client, hearing)
    else await (this.#begun ??= this.#begin())
    return {
      isCurrent: () => this.isCurrent(),
      caughtUp: () => this.caughtUp(),
      close: () => this.#remove(hearing),
    }
  }

  /** Whether everything that was committed more than 100 ms ago has been heard. */
  isCurrent(): boolean {
    return performance.now() - this.#proven <= BELIEVED_MS
  }

  async caughtUp(): Promise<void> {
    if (!this.#client || !this.isCurrent()) return
    await this.#ask(this.#client).catch(() => (this.#proven = -Infinity))
  }

  /** Whether nobody listens by it any more. */
  get closed(): boolean {
    return this.#closed
  }

  /** The connection ends with the last who listens; what is announced for nobody is passed over until then. */
  async #remove(hearing: Hearing): Promise<void> {
    this.#hearings.delete(hearing)
    if (this.#hearings.size > 0) return
    this.#closed = true
    if (this.#client) await part(this.#client)
  }

  async #begin(): Promise<void> {
    const begun = Promise.withResolvers<void>()
    void this.#goOn(begun.resolve)
    await begun.promise
  }

  /** Where the connection breaks meanwhile, the next one listens to it. */
  async #listen(client: pg.Client, { channel, onMissed }: Hearing): Promise<void> {
    await this.#query(client, listenTo(channel)).then(onMissed, () => {})
  }

  async #ask(client: pg.Client): Promise<void> {
    const { rows } = await this.#query(client, QUESTION)
    if (rows[0]?.pid !== processIdOf(client)) throw new Error('A pooler: other connections hear what this one should')
  }

  /** Each waits for the answer to the one before, as a connection takes one at a time. */
  #query(client: pg.Client, text: string): Promise<pg.QueryResult<{ pid?: number }>> {
    const answer = this.#latest.catch(() => {}).then(() => client.query<{ pid?: number }>(text))
    this.#latest = answer
    return answer
  }

  async #goOn(onBegun: () => void): Promise<void> {
    while (!this.#closed) {
      const client = new pg.Client({ ...this.#config, connectionTimeoutMillis: CONNECT_MS, query_timeout: SILENCE_MS })
      this.#client = client
      client.on('notification', ({ channel, payload = '' }) => this.#notice(channel, payload))
      client.on('error', () => {}) // followed by `end`
      client.on('end', () => {
        this.#proven = -Infinity
        this.#listens = false
      })
      await this.#hear(client, onBegun).catch(() => {})
      await part(client)
      onBegun()
      await pause(RETRY_MS, undefined, { ref: false })
    }
  }

  #notice(channel: string, payload: string): void {
    for (const hearing of this.#hearings) if (hearing.channel === channel) hearing.onNotice(payload)
  }

  /** Listens until the connection fails. @throws Error then, always */
  async #hear(client: pg.Client, onBegun: () => void): Promise<never> {
    await client.connect()
    for (const { channel } of this.#hearings) await this.#query(client, listenTo(channel))
    this.#listens = true
    for (const { onMissed } of this.#hearings) onMissed() // before anything is believed again
    for (;;) {
      const sent = performance.now()
      await this.#ask(client)
      this.#proven = sent
      onBegun()
      await pause(Math.max(0, sent + EVERY_MS - performance.now()), undefined, { ref: false })
    }
  }
}

const listenTo = (channel: string): string => `LISTEN ${pg.escapeIdentifier(channel)}`

// The process that the server gave this connection (BackendKeyData); the driver's types leave it out.
const processIdOf = (client: pg.Client) => (client as pg.Client & { processID?: number }).processID

/** Says goodbye, and cuts a connection that cannot hear it. */
async function part(client: pg.Client): Promise<void> {
  const cut = setTimeout(() => client.connection.stream.destroy(), SILENCE_MS)
  await client.end()
  clearTimeout(cut)
}

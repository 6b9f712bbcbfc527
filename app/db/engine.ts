import type { Histogram } from '../core/metrics/histogram.ts'

/** A statement as drivers take it. A `name` asks for a prepared statement that the connection keeps. */
export interface Query {
  text: string
  name?: string
  rowMode?: 'array'
}

/** A statement that goes before another in the same round trip: when it fails, the other does not run. */
export interface Preamble extends Query {
  values: string[]
}

export interface Result<Row = Record<string, unknown>> {
  rows: Row[]
  rowCount: number | null
}

/** How busy an engine is. */
export interface EngineLoad {
  /** Connections that units of work have, and those that wait for one. */
  used: number
  idle: number
  /** Units of work that wait for a connection, or for their turn. */
  waiting: number
}

/** One connection on loan. Whoever borrows it releases it; nobody else talks on it meanwhile. */
export interface Connection {
  query(query: Query, values?: unknown[], before?: readonly Preamble[]): Promise<Result>
  /** Several statements without parameters, in one round trip. */
  script(sql: string): Promise<void>
  /** Ends the transaction. */
  end(how: 'COMMIT' | 'ROLLBACK'): Promise<void>
  /** Gives the connection back; `broken` closes it instead. What is under way is finished before anybody's next statement. */
  release(broken?: boolean): void
}

/** What a connection is for. */
export interface Work {
  /** It is cut off where the server has not answered for longer than a statement may take. */
  short: boolean
  /** Its statements are transactions by themselves, and end at once: it may have a connection together with others. */
  shared?: boolean
}

/** A database: PostgreSQL on a server or in this process. The only two things that differ between them are behind this. */
export interface Engine {
  readonly kind: 'server' | 'embedded'
  /** What people may see of the address: never a password. */
  readonly label: string
  /** Whether a statement and its preamble are one implicit transaction where no other was begun. */
  readonly pipelines: boolean
  /** How long statements took, from being sent. */
  readonly durations: Histogram
  load(): EngineLoad
  connect(work?: Work): Promise<Connection>
  /**
   * Calls `onNotice` for every NOTIFY on the channel, and `onMissed` where some may have passed unheard.
   * `isCurrent()` is false while that may still be happening.
   */
  listen(channel: string, onNotice: (payload: string) => void, onMissed: () => void): Promise<Listener>
  close(): Promise<void>
}

export interface Listener {
  isCurrent(): boolean
  /** Waits until everything that was committed before this call has been heard, or it is not current any more. */
  caughtUp(): Promise<void>
  close(): Promise<void>
}

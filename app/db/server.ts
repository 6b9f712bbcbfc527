import pg from 'pg'
import { LIMITS } from '../core/limits.ts'
import { Histogram } from '../core/metrics/histogram.ts'
import { crowded } from './crowded.ts'
import type { Connection, Engine, Query, Result, Work } from './engine.ts'
import { ServerListener } from './server-listener.ts'
import { ServerQuery } from './server-query.ts'
import { SharedLoans } from './shared-loans.ts'
import { Unanswered } from './unanswered.ts'

export interface ServerOptions {
  /** `postgres://user:password@host:port/database` */
  url: string
  poolSize: number
  /** How many may wait for a connection; who comes then is turned away at once. */
  mostWaiting?: number
  /** How long short work may wait for an answer, in milliseconds. */
  patience?: number
  /** False behind a pooler or the embedded database's socket, where connections share one session. */
  prepare?: boolean
  kind?: Engine['kind']
  label?: string
}

// A request that outlives these is broken: better an error for one than a pool that is empty for all (milliseconds).
const TIMEOUTS = {
  statement_timeout: 15_000,
  idle_in_transaction_session_timeout: 10_000,
  connectionTimeoutMillis: 10_000,
}

// Node then asks an idle peer ten times, a second apart: a dead one is found in 20 s, where Linux alone takes two hours.
const KEEPALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 }
// Longer than `statement_timeout`: the server itself would have said something by then.
const PATIENCE_MS = TIMEOUTS.statement_timeout + 5000
// For who looks at pg_stat_activity.
const LISTENING = { application_name: 'fastvue listening' }

/** PostgreSQL over the network: a pool of pipelined connections (several statements on the wire at once, answers in order). */
export function openServer(options: ServerOptions): Engine {
  const { url, poolSize, mostWaiting = LIMITS.waiting, prepare = true, kind = 'server', label } = options
  const unanswered = new Unanswered(options.patience ?? PATIENCE_MS)
  const config = { connectionString: url, options: '-c timezone=UTC', application_name: 'fastvue', ...KEEPALIVE }
  const pool = new pg.Pool({ ...config, ...TIMEOUTS, max: poolSize, pipeline: true })
  const lend = async ({ short }: Work, leave = atEndOfStep) => {
    if (pool.waitingCount >= mostWaiting) throw crowded()
    const client = await pool.connect()
    return borrowed(client, prepare, short ? unanswered.watch(client.connection.stream) : UNWATCHED, leave)
  }
  const sharedLoans = new SharedLoans(() => lend({ short: true }, atEndOfTurn))
  let listener: ServerListener | undefined
  pool.on('error', () => {}) // an idle connection was cut; the pool replaces it, and a query on it reports its own error
  pool.on('connect', (client) => client.on('error', () => {})) // a borrowed one was cut: unheard, it would end the process
  return {
    kind,
    label: label ?? describe(url),
    pipelines: prepare,
    durations: new Histogram(),
    load: () => ({
      used: pool.totalCount - pool.idleCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
    }),
    connect: ({ short, shared }: Work = { short: false }) => (shared ? sharedLoans.join() : lend({ short })),
    // All by one connection: to ask whether the server is there costs as much for one channel as for ten.
    listen(channel, onNotice, onMissed) {
      if (!listener || listener.closed) listener = new ServerListener({ ...config, ...LISTENING })
      return listener.add({ channel, onNotice, onMissed })
    },
    close() {
      unanswered.close()
      return pool.end()
    },
  }
}

/**
 * Characters of a statement that a connection is to remember. Callers choose which fields a list is sorted and filtered by, and
 * what PostgreSQL keeps of one grows with it: of 100 characters some 2 KB, on every connection.
 */
export const LONGEST_PREPARED = 4000

const UNWATCHED = { asked: () => {}, answered: () => {} }
const ENDS = {
  COMMIT: { name: 'fastvue_commit', text: 'COMMIT' },
  ROLLBACK: { name: 'fastvue_rollback', text: 'ROLLBACK' },
}

function borrowed(client: pg.PoolClient, prepare: boolean, watched: typeof UNWATCHED, leave: Leave): Connection {
  const query: Connection['query'] = (asked, values = [], before = []) => {
    gather(client, leave)
    const done = Promise.withResolvers<Result>()
    watched.asked()
    done.promise.then(watched.answered, watched.answered)
    const isKept = prepare && asked.text.length <= LONGEST_PREPARED
    const [statement, first] = [isKept ? asked : unnamed(asked), prepare ? before : before.map(unnamed)]
    client.query(new ServerQuery(statement, values, first, done))
    return done.promise
  }
  return {
    query,
    async script(sql) {
      gather(client, leave)
      watched.asked()
      await client.query(sql).finally(watched.answered)
    },
    end: async (how) => void (await query(ENDS[how])),
    release(broken) {
      if (broken) client.connection.stream.destroy() // whoever still waits for an answer on it hears so now
      client.release(broken)
    },
  }
}

const unnamed = <Q extends Query>(statement: Q): Q => ({ ...statement, name: undefined })

/** Calls later. */
type Leave = (send: () => void) => void
// A turn of the event loop has a step for each socket that has something to say.
const atEndOfStep: Leave = (send) => process.nextTick(send)
const atEndOfTurn: Leave = (send) => void setImmediate(send)

/** What is written before `leave` leaves in one packet: a system call costs more than the rest of a query. */
function gather({ connection: { stream } }: pg.PoolClient, leave: Leave): void {
  if (stream.writableCorked > 0) return
  stream.cork()
  leave(() => stream.uncork())
}

function describe(url: string): string {
  const { hostname, port, pathname } = new URL(url)
  return `PostgreSQL ${decodeURIComponent(pathname.slice(1))} at ${hostname}:${port || 5432}`
}

import { createClient } from '@redis/client'
import type { Settings } from '../core/config.ts'
import { appErrorIn } from '../core/errors.ts'
import { inTime } from '../core/in-time.ts'
import { remembering } from '../core/remembering.ts'
import type { Engine } from '../db/engine.ts'
import type { Migration } from '../db/migration-files.ts'
import { migrationStatus } from '../db/migrator.ts'

export interface Readiness {
  /** What a server needs to serve: `ok`, or what is wrong, without an address or a secret in it. */
  checks: { database: string; migrations: string; redis: string }
  /** How long each took to answer; null for one that did not, or is not there. */
  latency_ms: { database: number | null; redis: number | null }
  pending_migrations: string[]
}

interface ReadinessParts {
  engine: Engine
  migrations: Migration[]
  settings: Pick<Settings, 'REDIS_URL'>
}

// So that a flood of questions is one question a second to the database.
const KEPT_MS = 1000
// Who asks is rarely more patient.
const DATABASE_PATIENCE_MS = 5000

/** Asks whether this server is able to serve. Many who ask at once, or again within a second, get one answer. */
export const readinessOf = (parts: ReadinessParts): (() => Promise<Readiness>) =>
  remembering(KEPT_MS, () => readiness(parts))

async function readiness({ engine, migrations, settings: { REDIS_URL } }: ReadinessParts): Promise<Readiness> {
  const status = () => inTime(migrationStatus(engine, migrations), DATABASE_PATIENCE_MS, new Error('no answer'))
  const [database, redis] = await Promise.all([timed(status), REDIS_URL ? timed(() => pingRedis(REDIS_URL)) : ABSENT])
  const pending = database.answer?.pending.map(({ name }) => name) ?? []
  const migrated = pending.length > 0 ? `${pending.length} pending` : 'ok'
  return {
    checks: {
      database: database.away ?? 'ok',
      migrations: database.away ?? migrated,
      redis: redis.away ?? 'ok',
    },
    latency_ms: { database: database.ms, redis: redis.ms },
    pending_migrations: pending,
  }
}

const ABSENT = { ms: null, away: undefined }

interface Timed<R> {
  answer?: R
  ms: number | null
  /** Why there is no answer. */
  away: 'unreachable' | 'overloaded' | undefined
}

async function timed<R>(ask: () => Promise<R>): Promise<Timed<R>> {
  const started = performance.now()
  try {
    return { answer: await ask(), ms: Math.round((performance.now() - started) * 10) / 10, away: undefined }
  } catch (error) {
    return { ms: null, away: appErrorIn(error)?.code === 'overloaded' ? 'overloaded' : 'unreachable' }
  }
}

/** Answers `ok`, or throws within a second or so: also where the other side takes a connection and says nothing. */
export async function pingRedis(url: string): Promise<string> {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: PATIENCE_MS, reconnectStrategy: false },
  })
  client.on('error', () => {})
  try {
    await inTime(
      client.connect().then(() => client.ping()),
      PATIENCE_MS,
      new Error('no answer'),
    )
    return 'ok'
  } finally {
    client.destroy()
  }
}

const PATIENCE_MS = 1000

import { createClient } from '@redis/client'
import type { Settings } from '../core/config.ts'
import { appErrorIn } from '../core/errors.ts'
import { inTime } from '../core/in-time.ts'
import type { Engine } from '../db/engine.ts'
import type { Migration } from '../db/migration-files.ts'
import { migrationStatus } from '../db/migrator.ts'

/** What a server needs to serve: `ok`, or what is wrong, without an address or a secret in it. */
export async function readiness(
  engine: Engine,
  migrations: Migration[],
  { REDIS_URL }: Pick<Settings, 'REDIS_URL'>,
): Promise<Record<string, string>> {
  const migrated = await attempt(async () => {
    const { pending } = await migrationStatus(engine, migrations)
    return pending.length ? `${pending.length} pending` : 'ok'
  })
  return {
    database: AWAY.has(migrated) ? migrated : 'ok',
    migrations: migrated,
    redis: REDIS_URL ? await attempt(() => pingRedis(REDIS_URL)) : 'ok',
  }
}

async function attempt(check: () => Promise<string>): Promise<string> {
  return check().catch((error: unknown) => (appErrorIn(error)?.code === 'overloaded' ? 'overloaded' : 'unreachable'))
}

const AWAY: ReadonlySet<string> = new Set(['unreachable', 'overloaded'])

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

import { join } from 'node:path'
import { createApp } from './app/app.ts'
import { openCache } from './app/core/cache.ts'
import { type Settings, SettingsError, loadSettings } from './app/core/config.ts'
import { openLogs } from './app/core/logging.ts'
import { loadMigrations } from './app/db/migration-files.ts'
import { migrationStatus } from './app/db/migrator.ts'
import { DatabaseUnavailable, openDatabase } from './app/db/open.ts'
import type { Engine } from './app/db/engine.ts'

/** A start that cannot be: printed as one line. */
class StartError extends Error {}

/** Serves until SIGTERM or SIGINT: settings → database → app → listen → graceful stop. */
async function main(): Promise<void> {
  const settings = loadSettings()
  const engine = await openDatabase(settings, true)
  await demandMigrated(engine, settings)
  const logs = openLogs(settings)
  const cache = await openCache(settings)
  const app = await createApp({ settings, engine, cache, logger: logs.logger })
  await app.listen({ host: settings.HOST, port: settings.PORT }).catch((error: NodeJS.ErrnoException) => {
    throw new StartError(
      `Cannot listen on ${settings.HOST}:${settings.PORT}: ${error.code === 'EADDRINUSE' ? 'the port is in use' : error.message}`,
    )
  })
  process.send?.('listening')

  let stopping = false
  const stop = async () => {
    if (stopping) return
    stopping = true
    await app.close() // finishes what has begun, takes nothing new
    await cache.close()
    await engine.close()
    logs.flush()
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop())
  process.on('disconnect', () => void stop()) // whoever started this process is gone
  process.on('SIGHUP', () => logs.reopen())
}

async function demandMigrated(engine: Engine, { directory }: Settings): Promise<void> {
  const { pending } = await migrationStatus(engine, loadMigrations(join(directory, 'migrations')))
  if (pending.length)
    throw new StartError(`The database has ${pending.length} pending migrations: run ./manage migrate`)
}

try {
  await main()
} catch (error) {
  const lines = error instanceof SettingsError ? error.faults : [describe(error)]
  for (const line of lines) process.stderr.write(`Error: ${line}\n`)
  process.exit(1)
}

function describe(error: unknown): string {
  if (error instanceof StartError || error instanceof DatabaseUnavailable) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

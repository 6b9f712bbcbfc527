import { migrationsOf } from '../db/migration-files.ts'
import { demandMigrated } from '../db/migrator.ts'
import type { Engine } from '../db/engine.ts'
import type { Invocation } from './command.ts'

/** The database, for a command that works on its tables. @throws MigrationError when they are not there yet. */
export async function migratedDatabase({ database, settings }: Invocation): Promise<Engine> {
  const engine = await database()
  await demandMigrated(engine, migrationsOf(settings))
  return engine
}

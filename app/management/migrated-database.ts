import { join } from 'node:path'
import { loadMigrations } from '../db/migration-files.ts'
import { migrationStatus } from '../db/migrator.ts'
import type { Engine } from '../db/engine.ts'
import { CommandError } from './command-error.ts'
import type { Invocation } from './command.ts'

/** The database, for a command that works on its tables. @throws CommandError when they are not there yet. */
export async function migratedDatabase({ database, settings }: Invocation): Promise<Engine> {
  const engine = await database()
  const { pending } = await migrationStatus(engine, loadMigrations(join(settings.directory, 'migrations')))
  if (pending.length > 0)
    throw new CommandError(
      `The database (${engine.label}) lacks ${pending.length} migration${pending.length > 1 ? 's' : ''}: run ./manage migrate`,
    )
  return engine
}

import type { Settings } from '../../core/config.ts'
import type { Engine } from '../../db/engine.ts'
import { type Migration, migrationsOf } from '../../db/migration-files.ts'
import { MigrationError } from '../../db/migration-error.ts'
import { migrationStatus } from '../../db/migrator.ts'
import type { Subject } from './check.ts'
import { CheckedDatabase } from './checked-database.ts'

/** Who runs this process, and on what. */
export const thisProcess = (): Pick<Subject, 'node' | 'user_id'> => ({
  node: process.versions.node,
  user_id: process.geteuid?.(),
})

/** Everything that checks look at. A database that cannot be opened, and migrations that cannot be read, are findings. */
export async function lookAt(
  given: Pick<Subject, 'settings' | 'production' | 'env'>,
  open: () => Promise<Engine>,
): Promise<Subject> {
  const files = readMigrations(given.settings)
  const database = await lookAtDatabase(open, given.settings, files.migrations)
  return { ...thisProcess(), processes: 1, ...given, ...files, ...database }
}

function readMigrations(settings: Settings): Pick<Subject, 'migrations' | 'unreadable'> {
  try {
    return { migrations: migrationsOf(settings) }
  } catch (error) {
    if (!(error instanceof MigrationError)) throw error
    return { migrations: undefined, unreadable: error.message }
  }
}

async function lookAtDatabase(
  open: () => Promise<Engine>,
  settings: Settings,
  migrations: Migration[] | undefined,
): Promise<Pick<Subject, 'database' | 'unreachable' | 'status'>> {
  try {
    const engine = await open()
    const database = new CheckedDatabase(engine, settings)
    await database.rows('select')
    return { database, status: migrations && (await migrationStatus(engine, migrations)) }
  } catch (error) {
    const unreachable = error instanceof Error ? error.message : String(error)
    return { database: undefined, unreachable, status: undefined }
  }
}

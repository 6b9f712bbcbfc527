import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod'
import type { Settings } from '../core/config.ts'
import { MigrationError } from './migration-error.ts'
import { inOrder } from './migration-graph.ts'
import { Schema } from './schema-snapshot.ts'

/** A step of the schema, and of the data if need be: one folder of `migrations/`. */
export interface Migration {
  /** `0002_add_invoices`: the folder */
  name: string
  /** The migrations this one builds on: one, none for the first, several after a merge of branches. */
  parents: string[]
  up: string
  down: string
  /** The models after this migration. */
  schema: Schema
}

const NAME = /^\d{4,}_[a-z0-9_]+$/
const Snapshot = z.object({ parents: z.array(z.string()), schema: Schema })

/**
 * Reads every migration of a folder, each after its parents; no folder is no migrations.
 * @throws MigrationError for a folder that is not a migration, a parent that is not there, or a cycle.
 */
export function loadMigrations(directory: string): Migration[] {
  const folders = readdirIfThere(directory).filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
  return inOrder(folders.map(({ name }) => readMigration(join(directory, name))))
}

/** The project's own. @throws MigrationError as `loadMigrations` */
export const migrationsOf = ({ directory }: Pick<Settings, 'directory'>): Migration[] =>
  loadMigrations(join(directory, 'migrations'))

/** Writes a new migration: all of it or nothing. */
export function writeMigration(directory: string, migration: Migration): void {
  const folder = join(directory, migration.name)
  const unfinished = join(directory, `.${migration.name}`)
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true })
  for (const [file, text] of Object.entries(migrationFiles(migration))) writeFileSync(join(unfinished, file), text)
  renameSync(unfinished, folder)
}

/** What is in a migration's folder. */
export const migrationFiles = (migration: Migration): Record<string, string> => ({
  'up.sql': migration.up,
  'down.sql': migration.down,
  'snapshot.json': printSnapshot(migration),
})

function readMigration(folder: string): Migration {
  const name = basename(folder)
  if (!NAME.test(name))
    throw new MigrationError(`migrations/${name}: a migration's folder is named like 0002_add_invoices`)
  const { parents, schema } = parseSnapshot(name, read(folder, 'snapshot.json'))
  return { name, parents, schema, up: read(folder, 'up.sql'), down: read(folder, 'down.sql') }
}

function parseSnapshot(name: string, text: string): z.output<typeof Snapshot> {
  try {
    return Snapshot.parse(JSON.parse(text))
  } catch (error) {
    const why = error instanceof z.ZodError ? `${error.issues[0]?.path.join('.')}: ${error.issues[0]?.message}` : error
    throw new MigrationError(`migrations/${name}/snapshot.json cannot be read: ${String(why)}`, { cause: error })
  }
}

/** One entity a line, so that a diff of two versions reads like a diff of the models. */
function printSnapshot({ parents, schema: { ddl, ...rest } }: Migration): string {
  const head = JSON.stringify({ parents, schema: rest }).slice(0, -2)
  return `${head}, "ddl": [\n${ddl.map((entity) => JSON.stringify(entity)).join(',\n')}\n]}}\n`
}

function read(folder: string, file: string): string {
  try {
    return readFileSync(join(folder, file), 'utf8')
  } catch (error) {
    throw new MigrationError(`migrations/${basename(folder)} has no readable ${file}`, { cause: error })
  }
}

function readdirIfThere(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw new MigrationError(`${directory} cannot be read: ${String(error)}`, { cause: error })
  }
}

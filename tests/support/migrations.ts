import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { openEmbedded } from '../../app/db/embedded.ts'
import type { Engine } from '../../app/db/engine.ts'
import { type Migration, loadMigrations, writeMigration } from '../../app/db/migration-files.ts'
import { manage } from './command-line.ts'
import { serverCopy } from './server-copy.ts'
import { SERVER_URL } from './server-databases.ts'
import { testSettings } from './settings.ts'

/** The project's own migrations. */
export const MIGRATIONS = resolve(import.meta.dirname, '../../migrations')

/** A new database with nothing in it. */
export interface EmptyDatabase {
  engine: Engine
  url: string
  close: () => Promise<void>
}

/** What to test migrations on, for `describe.each`: the run's engine, the server where TEST_DATABASE_URL names one. */
export const ENGINES: [string, () => Promise<EmptyDatabase>][] = [
  SERVER_URL ? ['PostgreSQL', openEmptyServer] : ['embedded', openEmptyEmbedded],
]

export async function openEmptyEmbedded(): Promise<EmptyDatabase> {
  const engine = await openEmbedded(undefined, await initialised())
  return { engine, url: 'memory:', close: () => engine.close() }
}

let dump: Promise<Blob> | undefined

/** A database's files with nothing in them: making them takes longer than most tests. */
function initialised(): Promise<Blob> {
  return (dump ??= PGlite.create().then(async (lite) => {
    const files = await lite.dumpDataDir('none')
    await lite.close()
    return files
  }))
}

export async function openEmptyServer(): Promise<EmptyDatabase> {
  const copy = await serverCopy('')
  return { engine: copy.open({ poolSize: 5 }), url: copy.url, close: () => copy[Symbol.asyncDispose]() }
}

/** A migration written for a test; by default on top of the project's newest, with no change to the models. */
export type TestMigration = Pick<Migration, 'name' | 'up'> & Partial<Migration>

/** A project folder with a copy of the project's migrations and some more. Gone with `using`. */
export class TestProject {
  readonly directory = mkdtempSync(join(tmpdir(), 'fastvue-project-'))
  readonly migrations = join(this.directory, 'migrations')

  constructor(...more: TestMigration[]) {
    cpSync(MIGRATIONS, this.migrations, { recursive: true })
    this.add(...more)
  }

  add(...more: TestMigration[]): void {
    const newest = loadMigrations(MIGRATIONS).at(-1)!
    const defaults = { parents: [newest.name], schema: newest.schema, down: '' }
    for (const migration of more) writeMigration(this.migrations, { ...defaults, ...migration })
  }

  /** Removes all of its migrations. */
  clear(): void {
    rmSync(this.migrations, { recursive: true })
  }

  /** Runs a command in it. */
  manage(argv: string[], engine?: Engine) {
    return manage(argv, { engine, settings: { ...testSettings(), directory: this.directory } })
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/** The rows of one statement. */
export async function rowsOf(engine: Engine, sql: string): Promise<Record<string, unknown>[]> {
  const connection = await engine.connect()
  try {
    return (await connection.query({ text: sql })).rows
  } finally {
    connection.release()
  }
}

/** Runs statements as one of the roles, for one company or none, and undoes them. */
export async function rowsAs(engine: Engine, role: string, company: number | null, sql: string) {
  const connection = await engine.connect()
  try {
    await connection.script(`BEGIN; SET LOCAL ROLE ${role}; SET LOCAL app.company_id = '${company ?? ''}'`)
    return (await connection.query({ text: sql })).rows
  } finally {
    await connection.script('ROLLBACK')
    connection.release()
  }
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openEmbedded } from '../../app/db/embedded.ts'
import type { Engine } from '../../app/db/engine.ts'
import { loadMigrations } from '../../app/db/migration-files.ts'
import { migrate } from '../../app/db/migrator.ts'
import { TestProject, openEmptyServer, rowsOf } from '../support/migrations.ts'
import { EMBEDDED, SERVER_URL } from '../support/server-databases.ts'
import { copyBaselineFolder } from '../support/temporary-folder.ts'

const MANAGE = resolve(import.meta.dirname, '../support/manage-in.ts')
const TIMEOUT = { timeout: 60_000, interval: 20 }

/** A project whose last migration makes a table and then goes on for long, until `mend` makes it short. */
function projectThatTakesLong(long: string) {
  const project = new TestProject(
    { name: '0100_before', up: 'CREATE TABLE before (id int);' },
    { name: '0101_long', parents: ['0100_before'], up: `CREATE TABLE half (id int);\n${long};` },
  )
  const mend = () => writeFileSync(join(project.migrations, '0101_long', 'up.sql'), 'CREATE TABLE half (id int);')
  return { project, mend }
}

function startMigrate(directory: string, url: string): ChildProcess {
  const env = { ...process.env, DATABASE_URL: url, ENVIRONMENT: 'test', SECRET_KEY: 'k'.repeat(32) }
  return spawn(process.execPath, [MANAGE, directory, 'migrate'], { env, stdio: 'ignore' })
}

async function kill(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

async function finish(directory: string, url: string): Promise<unknown> {
  const [code] = await once(startMigrate(directory, url), 'exit')
  return code
}

const applied = async (engine: Engine) =>
  (await rowsOf(engine, 'SELECT name FROM fastvue_migrations WHERE name >= $$0100$$ ORDER BY name')).map(
    ({ name }) => name,
  )
const thereIs = async (engine: Engine, table: string) =>
  (await rowsOf(engine, `SELECT to_regclass('${table}') IS NOT NULL AS there`))[0]?.['there']

describe('kill -9 in the middle of a migration', () => {
  test.runIf(EMBEDDED)(
    'embedded: nothing of it is there, and the next run finishes',
    async () => {
      const { project, mend } = projectThatTakesLong('INSERT INTO half SELECT generate_series(1, 100000000)')
      using _ = project
      const folder = join(project.directory, 'db')
      const log = join(folder, 'data', 'pg_wal')
      copyBaselineFolder(folder)
      const segments = () => readdirSync(log).length
      const before = segments()
      const child = startMigrate(project.directory, `file:${folder}`)
      // The long statement fills PostgreSQL's log with file after file, which the ones before it do not.
      await expect.poll(segments, TIMEOUT).toBeGreaterThan(before + 1)
      await kill(child)

      const killed = await openEmbedded(folder)
      expect(await applied(killed)).toEqual(['0100_before'])
      expect(await thereIs(killed, 'half')).toBe(false)
      await killed.close()

      mend()
      expect(await finish(project.directory, `file:${folder}`)).toBe(0)
      const finished = await openEmbedded(folder)
      expect(await applied(finished)).toEqual(['0100_before', '0101_long'])
      expect(await thereIs(finished, 'half')).toBe(true)
      await finished.close()
    },
    240_000,
  )

  test.skipIf(!SERVER_URL)(
    'PostgreSQL: nothing of it is there, and the next run finishes without waiting for it',
    async () => {
      const { project, mend } = projectThatTakesLong('SELECT pg_sleep(300)')
      using _ = project
      const { engine, url, close } = await openEmptyServer()
      const child = startMigrate(project.directory, url)
      const running = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`
      await expect.poll(() => rowsOf(engine, running), TIMEOUT).toHaveLength(1)
      await kill(child)

      expect(await applied(engine)).toEqual(['0100_before'])
      expect(await thereIs(engine, 'half')).toBe(false)
      mend()
      expect(await finish(project.directory, url)).toBe(0)
      expect(await applied(engine)).toEqual(['0100_before', '0101_long'])
      expect(await thereIs(engine, 'half')).toBe(true)
      await close()
    },
    240_000,
  )
})

test.skipIf(!SERVER_URL)('two at once: the second waits, and each migration is applied once', async () => {
  const { engine, url, close } = await openEmptyServer()
  // Would fail on being applied twice.
  using project = new TestProject({ name: '0100_once', up: 'CREATE TABLE once (id int); SELECT pg_sleep(0.5);' })
  const codes = await Promise.all([finish(project.directory, url), finish(project.directory, url)])
  expect(codes).toEqual([0, 0])
  expect(await applied(engine)).toEqual(['0100_once'])
  await close()
})

test.runIf(EMBEDDED)(
  'while another process has the embedded database open, migrate goes through its socket',
  async () => {
    using project = new TestProject({ name: '0100_added', up: 'CREATE TABLE added (id int);' })
    const folder = join(project.directory, 'db')
    copyBaselineFolder(folder)
    const engine = await openEmbedded(folder)
    expect(await finish(project.directory, `file:${folder}`)).toBe(0)
    expect(await applied(engine)).toEqual(['0100_added'])
    expect(await thereIs(engine, 'added')).toBe(true)
    await engine.close()
  },
)

describe.runIf(SERVER_URL)('a table that others use for long', () => {
  test('stops a migration in time, with nothing of it kept: all who come after it would wait, too', async () => {
    using project = new TestProject({ name: '0100_column', up: 'ALTER TABLE products ADD COLUMN shelf int;' })
    const database = await openEmptyServer()
    const migrations = loadMigrations(project.migrations)
    await migrate(database.engine, migrations, { target: migrations.at(-2)!.name })
    const reader = await database.engine.connect()
    await reader.script('BEGIN; SELECT count(*) FROM products')
    const attempt = () => migrate(database.engine, migrations, { patience: 50 })
    await expect(attempt()).rejects.toThrow(/0100_column failed and nothing of it was kept: .*others use the table/)
    expect(await applied(database.engine)).toEqual([])
    await reader.script('ROLLBACK')
    reader.release()
    await attempt()
    expect(await applied(database.engine)).toEqual(['0100_column'])
    await database.close()
  })
})

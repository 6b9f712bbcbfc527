import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../../core/config.ts'
import type { Engine } from '../../db/engine.ts'
import { migrationsOf } from '../../db/migration-files.ts'
import { migrate } from '../../db/migrator.ts'
import { type LoadReport, loadDemoData } from '../../services/demo-data/load.ts'
import type { LogIn } from '../../services/demo-data/log-ins.ts'
import { readDemoFile } from '../../services/demo-data/read.ts'
import { initDb } from '../../services/init-db.ts'
import { listUsers } from '../../services/user-admin.ts'
import type { Terminal } from '../terminal.ts'
import { step } from './step.ts'

export const DEMO_FILE = 'data/demo.json'

/**
 * Brings an open database to where a developer can work: newest schema, permissions and roles in step with the code, and
 * the demo data, but that only while there are no users: what somebody has deleted stays deleted.
 * @returns the log-ins that were made. @throws MigrationError, DemoDataError
 */
export async function prepareDatabase(engine: Engine, settings: Settings, terminal: Terminal): Promise<LogIn[]> {
  try {
    await migrateStep(engine, settings, terminal)
    await initStep(engine, settings, terminal)
    const users = await listUsers(engine, settings, { superusers: false, limit: 1 })
    return users.length > 0 ? [] : await loadDemo(engine, settings, terminal)
  } catch (error) {
    await engine.close()
    throw error
  }
}

/** Brings the schema to the newest migration. @throws MigrationError */
export async function migrateStep(engine: Engine, settings: Settings, terminal: Terminal): Promise<void> {
  const migrations = migrationsOf(settings)
  await step(
    terminal,
    () => migrate(engine, migrations),
    (done) => (done.length > 0 ? `Migrated: ${done.length} of ${migrations.length} migrations` : 'Schema up to date'),
  )
}

/** Brings what every installation needs in step with the code. */
export async function initStep(engine: Engine, settings: Settings, terminal: Terminal): Promise<void> {
  await step(
    terminal,
    () => initDb(engine, settings),
    () => 'Permissions, system roles and default company in place',
  )
}

async function loadDemo(engine: Engine, settings: Settings, terminal: Terminal): Promise<LogIn[]> {
  const path = join(settings.directory, DEMO_FILE)
  if (!existsSync(path)) {
    terminal.warn(`There is no ${DEMO_FILE}: no demo data`)
    return []
  }
  const load = async () => loadDemoData(engine, settings, await readDemoFile(path))
  const { log_ins } = await step(terminal, load, describe)
  return log_ins
}

function describe({ sections }: LoadReport): string {
  const counts = (['companies', 'users', 'products'] as const).map((name) => `${sections[name].created} ${name}`)
  return `Demo data loaded: ${counts.join(', ')}`
}

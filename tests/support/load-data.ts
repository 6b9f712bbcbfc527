import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine } from '../../app/db/engine.ts'
import type { Settings } from '../../app/core/config.ts'
import { manage } from './command-line.ts'
import { rowsOf } from './migrations.ts'

/** Loads what would be in a file (an object, or text) by the command, with its flags. */
export async function loadData(engine: Engine, content: unknown, flags: string[] = [], settings?: Settings) {
  const folder = mkdtempSync(join(tmpdir(), 'fastvue-load-'))
  const path = join(folder, 'data.json')
  try {
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
    const result = await manage(['load-data', '--file', path, ...flags], { engine, settings })
    return { ...result, stderr: result.stderr.replaceAll(path, 'data.json') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const TABLES = `companies permissions roles role_permissions users groups user_groups group_permissions user_company_roles products notifications activity_logs messages`

/** Every row of the tables that a file can fill, for comparing; without what is told of files themselves. */
export async function contents(engine: Engine): Promise<Record<string, unknown>> {
  const tables = await Promise.all(
    TABLES.split(' ').map(async (table) => {
      const own = table === 'activity_logs' ? `where action not in ('load_data', 'export_data')` : ''
      return [table, await rowsOf(engine, `select * from ${table} t ${own} order by t::text`)]
    }),
  )
  return Object.fromEntries(tables)
}

/** Leaves nothing but the tables: neither companies nor users, nor the catalogue. */
export async function empty(engine: Engine): Promise<void> {
  for (const table of ['users', 'roles', 'permissions', 'companies']) await rowsOf(engine, `delete from ${table}`)
}

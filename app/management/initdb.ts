import { join } from 'node:path'
import { initDb } from '../services/init-db.ts'
import type { ManagementCommand } from './command.ts'
import { loadDemoFile } from './load-demo-file.ts'
import { migratedDatabase } from './migrated-database.ts'

export const initdb: ManagementCommand = {
  name: 'initdb',
  group: 'Database',
  summary: 'Fill in what every installation needs: permissions, system roles, a default company',
  example: './manage initdb --sample-data',
  configure(parser) {
    parser.option('--sample-data', 'load data/demo.json too')
  },
  async run(invocation) {
    const { terminal, settings, options } = invocation
    const engine = await migratedDatabase(invocation)
    await initDb(engine, settings)
    terminal.say('Permissions, system roles and the default company are in place')
    const report = options['sampleData']
      ? await loadDemoFile(invocation, engine, join(settings.directory, 'data/demo.json'))
      : {}
    if (terminal.json) terminal.show({ initialized: true, ...report }, () => '')
  },
}

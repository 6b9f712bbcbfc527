import { migrationsOf } from '../db/migration-files.ts'
import { findMigration } from '../db/migration-graph.ts'
import type { ManagementCommand } from './command.ts'

export const sqlmigrate: ManagementCommand = {
  name: 'sqlmigrate',
  group: 'Database',
  summary: 'Print the SQL of a migration',
  example: './manage sqlmigrate 0001',
  completions: { name: 'migrations' },
  configure(parser) {
    parser.argument('<name>', 'a migration (0002 will do)').option('--backwards', 'the SQL that takes it back')
  },
  async run({ args: [wanted = ''], options, terminal, settings }) {
    const { name, up, down } = findMigration(migrationsOf(settings), wanted)
    const sql = options['backwards'] ? down : up
    terminal.show({ name, sql }, () => sql.trimEnd())
  },
}

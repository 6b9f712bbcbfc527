import { migrationsOf } from '../db/migration-files.ts'
import { migrationStatus } from '../db/migrator.ts'
import type { ManagementCommand } from './command.ts'

const MARKS = { applied: '[X]', pending: '[ ]', lost: '[?]' }

export const showmigrations: ManagementCommand = {
  name: 'showmigrations',
  group: 'Database',
  summary: 'List the migrations: applied [X], pending [ ], applied but without files [?]',
  example: './manage showmigrations',
  async run({ terminal, settings, database }) {
    const migrations = migrationsOf(settings)
    const { applied, lost } = await migrationStatus(await database(), migrations)
    const times = new Map(applied.map(({ name, applied_at }) => [name, applied_at]))
    const rows = [
      ...migrations.map(({ name }) => ({ name, state: times.has(name) ? 'applied' : 'pending' }) as const),
      ...lost.map((name) => ({ name, state: 'lost' }) as const),
    ]
    terminal.show(
      rows.map((row) => ({ ...row, applied_at: times.get(row.name) ?? null })),
      () =>
        rows
          .map(({ name, state }) => `${MARKS[state]} ${name}${state === 'lost' ? ' (not in migrations/)' : ''}`)
          .join('\n'),
    )
  },
}

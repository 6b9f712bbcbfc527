import { join } from 'node:path'
import { Option } from 'commander'
import { draftEmptyMigration, draftMigration } from '../db/migration-draft.ts'
import { migrationsOf, type Migration, writeMigration } from '../db/migration-files.ts'
import { type Change, sentence } from '../db/schema-changes.ts'
import * as models from '../models/index.ts'
import { schemaOfModels } from '../models/schema.ts'
import type { Invocation, ManagementCommand } from './command.ts'
import { renameAnswers } from './rename-answers.ts'

export const makemigrations: ManagementCommand = {
  name: 'makemigrations',
  group: 'Database',
  summary: 'Write the migration that leads from the newest one to the models',
  example: './manage makemigrations -m "Add invoices"',
  configure(parser) {
    // Commander would take "--no-rename" for the opposite of "--rename"; both may be given.
    const noRename = new Option('--no-rename', 'what --rename does not name is new, and what is gone is dropped')
    noRename.negate = false
    parser
      .option('-m, --message <text>', 'what it does; names the migration and opens its SQL')
      .option('--name <name>', 'its name, without the number')
      .option('--empty', 'write no SQL: for data, triggers and whatever else is not in the models')
      .option('--check', 'write nothing; exit 1 when the models have changed')
      .option('--rename <old:new>', 'a table old:new, or a column [table.]old:new; may be repeated', collect)
      .addOption(noRename)
  },
  async run(invocation) {
    const { options, terminal, settings } = invocation
    const { migration, changes } = await draft(invocation, migrationsOf(settings))
    if (!migration) {
      terminal.show({ created: null, changes: [] }, () => 'No changes detected')
      return 0
    }
    const created = options['check'] ? null : migration.name
    if (created) writeMigration(join(settings.directory, 'migrations'), withMessage(migration, options['message']))
    for (const column of unfilledColumns(migration.up))
      terminal.warn(
        `${column} is NOT NULL without a default: where ${column.split('.')[0]} has rows, migrate will fail; see docs/migrations.md`,
      )
    terminal.show({ created, changes: changes.map(sentence) }, () =>
      [
        created ? `Created migrations/${created}` : 'The models have changed:',
        ...changes.map((one) => `  ${sentence(one)}`),
      ].join('\n'),
    )
    return created ? 0 : 1
  },
}

async function draft(
  { options, terminal }: Invocation,
  migrations: Migration[],
): Promise<{ migration?: Migration; changes: Change[] }> {
  const name = text(options['name']) ?? text(options['message'])
  if (options['empty']) return { migration: draftEmptyMigration(migrations, name), changes: [] }
  const renames = Array.isArray(options['rename']) ? options['rename'].map(String) : []
  const noRename = options['noRename'] === true || options['check'] === true // renamed or not, it is a change
  const { answer, settle } = renameAnswers({ renames, noRename }, terminal)
  const drafted = await draftMigration(migrations, await schemaOfModels(models), answer, name)
  settle()
  return drafted ?? { changes: [] }
}

/** Columns, as `table.column`, that are added to a table and have no value in the rows that it may have. */
function unfilledColumns(up: string): string[] {
  const added = up.matchAll(/^ALTER TABLE "(.+?)" ADD COLUMN "(.+?)" (?!.*\b(?:DEFAULT|GENERATED)\b).*\bNOT NULL\b/gm)
  return Array.from(added, ([, table, column]) => `${table}.${column}`)
}

function withMessage(migration: Migration, message: unknown): Migration {
  const comment = text(message)
  return comment ? { ...migration, up: `-- ${comment.replaceAll(/\s+/g, ' ')}\n${migration.up}` } : migration
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

const collect = (value: string, before: string[] = []): string[] => [...before, value]

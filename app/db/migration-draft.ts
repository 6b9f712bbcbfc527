import type { Migration } from './migration-files.ts'
import { leavesOf } from './migration-graph.ts'
import { type Change, changesBetween, slug, slugOf } from './schema-changes.ts'
import { type AnswerRename, diffSchemas } from './schema-diff.ts'
import { schemaAfter } from './schema-merge.ts'
import type { Schema } from './schema-snapshot.ts'

export interface Draft {
  migration: Migration
  changes: Change[]
}

/**
 * The migration from the newest ones to the models, or null when nothing differs. It builds on every migration that
 * nothing builds on yet, so that it joins what branches left apart. Writes nothing.
 * @throws MigrationError when branches contradict each other.
 */
export async function draftMigration(
  migrations: Migration[],
  models: Schema,
  answer: AnswerRename,
  name?: string,
): Promise<Draft | null> {
  const parents = leavesOf(migrations)
  const before = schemaAfter(migrations, parents)
  const { up, down, renames } = await diffSchemas(before, models, answer)
  if (up.length === 0) return null
  const changes = changesBetween(before, models, renames)
  const words = name ?? (migrations.length === 0 ? 'initial' : slugOf(changes))
  const script = (statements: string[]) => `${statements.join('\n')}\n`
  const migration = { name: numbered(migrations, words), parents, up: script(up), down: script(down), schema: models }
  return { migration, changes }
}

/** A migration to be written by hand. It leaves the models as they are. */
export function draftEmptyMigration(migrations: Migration[], name = 'empty'): Migration {
  const parents = leavesOf(migrations)
  return {
    name: numbered(migrations, name),
    parents,
    up: '-- SQL that changes the database. It runs in a transaction, as the owner of the tables.\n',
    down: '-- SQL that takes the change back.\n',
    schema: schemaAfter(migrations, parents),
  }
}

function numbered(migrations: Migration[], words: string): string {
  const highest = Math.max(0, ...migrations.map(({ name }) => Number.parseInt(name, 10)))
  return `${String(highest + 1).padStart(4, '0')}_${slug(words) || 'change'}`
}

import type { Connection } from './engine.ts'
import { MigrationError } from './migration-error.ts'
import type { Step } from './migration-plan.ts'

/** A migration that the database has. */
export interface AppliedMigration {
  name: string
  applied_at: string
}

/** Makes the table in which a database keeps its migrations. @throws MigrationError where the user may not. */
export async function ensureRecord(connection: Connection): Promise<void> {
  try {
    await connection.script(RECORD_TABLE)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new MigrationError(`The table fastvue_migrations cannot be made: ${why}`, { cause: error })
  }
}

/** The database's migrations in the order they were applied; none where nobody has migrated yet. */
export async function readRecord(connection: Connection): Promise<AppliedMigration[]> {
  const there = await connection.query({ text: `SELECT to_regclass('fastvue_migrations') IS NOT NULL AS there` })
  if (!there.rows[0]?.['there']) return []
  const text = 'SELECT name, applied_at FROM fastvue_migrations ORDER BY applied_at, name'
  const { rows } = await connection.query({ text })
  return rows.map((row) => ({ name: String(row['name']), applied_at: String(row['applied_at']) }))
}

/** Records a step as done. */
export async function recordStep(connection: Connection, { direction, migration }: Step, milliseconds: number) {
  const [text, values] =
    direction === 'apply'
      ? [
          'INSERT INTO fastvue_migrations (name, duration_ms) VALUES ($1, $2)',
          [migration.name, Math.round(milliseconds)],
        ]
      : ['DELETE FROM fastvue_migrations WHERE name = $1', [migration.name]]
  await connection.query({ text }, values)
}

const RECORD_TABLE = `
  CREATE TABLE IF NOT EXISTS fastvue_migrations (
    name text PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    duration_ms integer NOT NULL
  )`

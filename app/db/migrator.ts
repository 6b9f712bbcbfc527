import { ensureDatabaseRoles } from './database-roles.ts'
import type { Connection, Engine } from './engine.ts'
import { MigrationError } from './migration-error.ts'
import type { Migration } from './migration-files.ts'
import { lostNames, planSteps, type Step } from './migration-plan.ts'
import { type AppliedMigration, ensureRecord, readRecord, recordStep } from './migration-record.ts'

export interface MigrateOptions {
  /** A migration's name or the beginning of it, or `zero`. Defaults to everything. */
  target?: string
  /** Records the steps without running their SQL. */
  fake?: boolean
  /** How long a statement waits for a table that others use, in milliseconds. All who come after it wait with it. */
  patience?: number
  /** Called after each step is committed. */
  onStep?: (step: Step, milliseconds: number) => void
}

export interface MigrationStatus {
  applied: AppliedMigration[]
  pending: Migration[]
  /** Applied, but no longer in the tree. */
  lost: string[]
}

// Any number will do, as long as nothing else in the database takes the same lock.
const LOCK = 4_207_849_484
const PATIENCE_MS = 10_000

/**
 * Brings the database to the target, step by step. A step and its record are one transaction under one lock, and each
 * looks anew at what is applied: two of these at once do every step once, and one that is killed leaves whole steps.
 * @returns the steps done. @throws MigrationError naming the step that failed, after undoing that one.
 */
export async function migrate(
  engine: Engine,
  migrations: Migration[],
  { target, fake = false, patience = PATIENCE_MS, onStep }: MigrateOptions = {},
): Promise<Step[]> {
  await ensureDatabaseRoles(engine)
  const done: Step[] = []
  for (;;) {
    const started = performance.now()
    const step = await underLock(engine, async (connection) => {
      await connection.script(`SET LOCAL lock_timeout = ${patience}`)
      await ensureRecord(connection)
      const applied = await readRecord(connection)
      const [next] = planSteps(migrations, new Set(applied.map(({ name }) => name)), target)
      if (next) await take(connection, next, fake, started)
      return next
    })
    if (!step) return done
    done.push(step)
    onStep?.(step, Math.round(performance.now() - started))
  }
}

/** What is applied, what is not yet, and what the tree has lost. Changes nothing, and waits for nobody. */
export async function migrationStatus(engine: Engine, migrations: Migration[]): Promise<MigrationStatus> {
  const connection = await engine.connect()
  try {
    const applied = await readRecord(connection)
    const names = new Set(applied.map(({ name }) => name))
    const pending = migrations.filter(({ name }) => !names.has(name))
    return { applied, pending, lost: lostNames(migrations, names) }
  } finally {
    connection.release()
  }
}

/** The status of a database that has every migration. @throws MigrationError for one that lacks some */
export async function demandMigrated(engine: Engine, migrations: Migration[]): Promise<MigrationStatus> {
  const status = await migrationStatus(engine, migrations)
  const lacking = status.pending.length
  if (lacking > 0)
    throw new MigrationError(
      `The database (${engine.label}) lacks ${lacking} migration${lacking > 1 ? 's' : ''}: run ./manage migrate`,
    )
  return status
}

async function take(connection: Connection, step: Step, fake: boolean, started: number): Promise<void> {
  const { name, up, down } = step.migration
  if (!fake && step.direction === 'apply') await runScript(connection, name, 'up.sql', up)
  if (!fake && step.direction === 'revert') await runScript(connection, name, 'down.sql', down)
  // The SQL may have taken on another role, which may not write to the record.
  await connection.script('RESET ROLE')
  await recordStep(connection, step, performance.now() - started)
}

const IN_USE = 'others use the table; try again when they have done, or see pg_stat_activity for who they are'

async function runScript(connection: Connection, name: string, file: string, sql: string): Promise<void> {
  try {
    await connection.script(sql)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const position = 'position' in error ? Number(error.position) : 0
    const line = position > 0 ? ` line ${sql.slice(0, position).split('\n').length}` : ''
    const hint = 'code' in error && error.code === '55P03' ? `: ${IN_USE}` : ''
    const problem = `Migration ${name} failed and nothing of it was kept: ${file}${line}: ${error.message}${hint}`
    throw new MigrationError(problem, { cause: error })
  }
}

async function underLock<R>(engine: Engine, work: (connection: Connection) => Promise<R>): Promise<R> {
  const connection = await engine.connect()
  try {
    await connection.script(BEGIN_LOCKED)
    const result = await work(connection)
    await connection.script('COMMIT')
    connection.release()
    return result
  } catch (error) {
    await connection.script('ROLLBACK').catch(() => {}) // a broken connection has rolled back by itself
    connection.release(true)
    throw error
  }
}

// Without the check interval a killed `migrate` leaves its statement running, and its lock held, until the statement ends.
const BEGIN_LOCKED = `
  BEGIN;
  SET LOCAL statement_timeout = 0;
  SET LOCAL client_connection_check_interval = '1s';
  SELECT pg_advisory_xact_lock(${LOCK})`

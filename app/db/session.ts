import { drizzle } from 'drizzle-orm/node-postgres'
import { type NodePgClient, NodePgSession, NodePgTransaction } from 'drizzle-orm/node-postgres/session'
import type { EmptyRelations } from 'drizzle-orm'
import type { Connection, Engine, Preamble, Query, Result } from './engine.ts'
import { translateDatabaseError } from './errors.ts'

/** PostgreSQL's roles: what a request may do inside one company, and what trusted work may do across all. */
export type DatabaseRole = 'fastvue_app' | 'fastvue_system'

/** Who changes something: `record_activity()` (migration 0008) reads it by these names. */
export interface Actor {
  user_id: number | null
  session_id: string | null
  ip_address: string | null
  user_agent: string | null
  request_id: string | null
}

export const NOBODY: Actor = { user_id: null, session_id: null, ip_address: null, user_agent: null, request_id: null }

/** Whose rows a unit of work sees. Without a company, `fastvue_app` sees no company's rows. */
export interface Scope {
  role: DatabaseRole
  company_id: number | null
  readOnly?: boolean
  /** Who works, and from where: what the activity log says of each change. */
  actor?: Actor
  /** Work of minutes, such as an export: no statement is cut off and, if it only reads, all of them see the same moment. */
  long?: boolean
}

/** The database as services see it: Drizzle on an open transaction. `db.transaction()` inside it is a savepoint. */
export type Db = NodePgTransaction<EmptyRelations> & { readonly unit: UnitOfWork }

// Drizzle's dialect is stateless: one serves every unit of work, so that opening one costs well under a microsecond.
const { dialect } = drizzle.mock() as unknown as { dialect: ConstructorParameters<typeof NodePgSession>[1] }

/**
 * One transaction, scoped to a company, opened at its first statement. BEGIN, the role and the company travel with that
 * statement in one round trip. Ends with `commit` or `rollback`; after-commit work runs only after a commit.
 *
 * A read-only unit on an engine that pipelines is no transaction: each of its statements is one, with the role and the company
 * before it in the same message. Statements of READ COMMITTED see different moments anyway; BEGIN and COMMIT are saved.
 */
export class UnitOfWork {
  readonly scope: Scope
  readonly #engine: Engine
  readonly #statementwise: boolean
  #role: DatabaseRole
  #connection: Promise<Connection> | undefined
  #begun = false
  #alone: 'asked for' | 'used' | undefined
  #brief = false
  #failed = false
  #over = false
  #afterCommit: (() => unknown)[] = []
  #db: Db | undefined

  constructor(engine: Engine, scope: Scope) {
    this.#engine = engine
    this.scope = scope
    this.#statementwise = engine.pipelines && scope.readOnly === true && !scope.long
    this.#role = scope.role
  }

  get db(): Db {
    return (this.#db ??= Object.assign(openDrizzle(this), { unit: this }))
  }

  /**
   * Runs `work`, which is one statement, and all that this unit still does. If it is the first, too, and the engine pipelines, it
   * is a transaction by itself, with the scope before it in the same message: neither BEGIN nor COMMIT is sent, and it is saved
   * when `work` ends. Another statement throws: it could not be undone together with this one.
   */
  alone<R>(work: () => Promise<R>): Promise<R> {
    if (!this.#connection) this.#alone = 'asked for'
    return work()
  }

  /** Runs `work`, whose statements end at once, such as a row by its key: if they are no transaction, they need no connection of their own. */
  brief<R>(work: () => Promise<R>): Promise<R> {
    if (!this.#connection) this.#brief = true
    return work()
  }

  /** Queues work for after the commit: mail, events, invalidation. It must handle its own errors. */
  afterCommit(work: () => unknown): void {
    this.#afterCommit.push(work)
  }

  /**
   * Runs one statement, whose rows are as the caller says, keyed by column. @throws AppError for what PostgreSQL's answer means to
   * a caller.
   */
  async query<Row = Record<string, unknown>>(query: Query, values: unknown[] = []): Promise<Result<Row>> {
    if (this.#over) throw new Error('This unit of work is over; its database handle must not be kept')
    if (this.#alone === 'used') throw new Error('This unit of work was to have one statement')
    if (this.#alone) this.#alone = 'used'
    try {
      const connection = await (this.#connection ??= this.#connect())
      const started = performance.now()
      const answer = connection.query(query, values, this.#before())
      this.#begun = true // from here on the transaction is open or has failed: nothing can run outside of it
      const result = await answer
      this.#engine.durations.observe(performance.now() - started)
      if (query.text.startsWith('rollback to savepoint')) this.#failed = false
      return result as Result<Row>
    } catch (error) {
      this.#failed = !this.#statementwise
      throw translateDatabaseError(error)
    }
  }

  /**
   * Runs `work` as trusted work in this same transaction: what spans companies by nature, once it is clear that the caller
   * may do it. Meanwhile no other statement of this unit may be under way.
   */
  async trusted<R>(work: (db: Db) => Promise<R>): Promise<R> {
    await this.#become('fastvue_system')
    try {
      return await work(this.db)
    } finally {
      if (!this.#failed) await this.#become(this.scope.role)
    }
  }

  /**
   * Makes the work permanent, then runs the after-commit work. A read-only unit does not wait for the answer.
   * @throws Error when a statement failed: PostgreSQL would answer COMMIT with a silent rollback.
   */
  async commit(): Promise<void> {
    if (this.#failed) {
      await this.rollback()
      throw new Error('A statement of this unit of work failed; nothing was saved')
    }
    await this.#end('COMMIT')
    for (const work of this.#afterCommit) await work()
  }

  async rollback(): Promise<void> {
    await this.#end('ROLLBACK').catch(() => {}) // a broken connection has rolled back by itself
  }

  #connect(): Promise<Connection> {
    return this.#engine.connect({ short: !this.scope.long, shared: this.#brief && this.#statementwise })
  }

  async #become(role: DatabaseRole): Promise<void> {
    this.#role = role
    if (this.#begun && !this.#statementwise && !this.#alone) await this.query({ text: `SET LOCAL ROLE ${role}` })
  }

  /** What the next statement needs before it. */
  #before(): Preamble[] {
    const { company_id } = this.scope
    if (company_id !== null && !Number.isSafeInteger(company_id)) throw new TypeError(`Not a company id: ${company_id}`)
    const values = [this.#role, String(company_id ?? '')]
    if (this.#statementwise) return [{ ...READ_SCOPE, values }]
    if (this.#begun) return []
    const { actor } = this.scope
    const scope = actor ? { ...ACTING_SCOPE, values: [...values, JSON.stringify(actor)] } : { ...SCOPE, values }
    if (this.#implicit) return [scope]
    const begin = [{ ...this.#begin(), values: [] }, scope]
    return this.scope.long ? [...begin, { ...NO_TIMEOUTS, values: [] }] : begin
  }

  /** Whether its one statement is a transaction by itself. */
  get #implicit(): boolean {
    return this.#alone !== undefined && this.#engine.pipelines && !this.scope.long
  }

  #begin(): Query {
    const { readOnly, long } = this.scope
    if (!readOnly) return BEGIN
    return long ? BEGIN_SNAPSHOT : BEGIN_READ_ONLY
  }

  async #end(statement: 'COMMIT' | 'ROLLBACK'): Promise<void> {
    if (this.#over) return
    this.#over = true
    const connection = await this.#connection
    if (!connection) return
    if (this.#statementwise || this.#implicit) return connection.release()
    const ended = connection.end(statement)
    if (this.scope.readOnly) {
      ended.catch(() => {}) // whoever has the connection next will hear of it
      return connection.release()
    }
    try {
      await ended
      connection.release()
    } catch (error) {
      connection.release(true)
      throw translateDatabaseError(error)
    }
  }
}

const BEGIN: Query = { name: 'fastvue_begin', text: 'BEGIN' }
const BEGIN_READ_ONLY: Query = { name: 'fastvue_begin_read_only', text: 'BEGIN READ ONLY' }
const BEGIN_SNAPSHOT: Query = {
  name: 'fastvue_begin_snapshot',
  text: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
}
const NO_TIMEOUTS: Query = {
  name: 'fastvue_no_timeouts',
  text: `SELECT set_config('statement_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true)`,
}
// Closes the transaction to all rows but the scope's, until its end (`is_local`).
const SCOPE: Query = {
  name: 'fastvue_scope',
  text: `SELECT set_config('role', $1, true), set_config('app.company_id', $2, true)`,
}
const ACTING_SCOPE: Query = {
  name: 'fastvue_acting_scope',
  text: `SELECT set_config('role', $1, true), set_config('app.company_id', $2, true), set_config('app.actor', $3, true)`,
}
const READ_SCOPE: Query = {
  name: 'fastvue_read_scope',
  text: `SELECT set_config('transaction_read_only', 'on', true), set_config('role', $1, true), set_config('app.company_id', $2, true)`,
}

/** Drizzle on what runs its statements. */
export function openDrizzle(unit: Pick<UnitOfWork, 'query'>): NodePgTransaction<EmptyRelations> {
  // Drizzle's driver calls nothing but `query(config, values)` on its client.
  const client = { query: (query: Query, values?: unknown[]) => unit.query(query, values) } as unknown as NodePgClient
  const session = new NodePgSession(client, dialect, {}, {})
  return new NodePgTransaction<EmptyRelations>(dialect, session, {}, 0, false)
}

/** Runs `work` in a unit of its own and commits it; any error rolls it back. */
export async function inUnitOfWork<R>(
  engine: Engine,
  scope: Scope,
  work: (unit: UnitOfWork) => Promise<R>,
): Promise<R> {
  const unit = new UnitOfWork(engine, scope)
  try {
    const result = await work(unit)
    await unit.commit()
    return result
  } catch (error) {
    await unit.rollback()
    throw error
  }
}

import { drizzle } from 'drizzle-orm/node-postgres'
import { type NodePgClient, NodePgSession, NodePgTransaction } from 'drizzle-orm/node-postgres/session'
import type { EmptyRelations } from 'drizzle-orm'
import type { Connection, Engine, Preamble, Query, Result } from './engine.ts'
import { translateDatabaseError } from './errors.ts'
import { type DatabaseRole, type Scope, beginning, readScope, transactionScope } from './scope.ts'

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
    if (this.#begun && !this.#statementwise) return []
    const scope = { ...this.scope, role: this.#role }
    if (this.#statementwise) return [readScope(scope)]
    return this.#implicit ? [transactionScope(scope)] : beginning(scope)
  }

  /** Whether its one statement is a transaction by itself. */
  get #implicit(): boolean {
    return this.#alone !== undefined && this.#engine.pipelines && !this.scope.long
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

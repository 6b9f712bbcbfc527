import { LRUCache } from 'lru-cache'
import pg, { type Connection as Wire, type FieldDef } from 'pg'
import { prepareValue } from 'pg/lib/utils.js'
import type { Preamble, Query, Result } from './engine.ts'
import { parserOf } from './types.ts'

/** The columns of a statement's rows. Those of a prepared one never change: PostgreSQL refuses to run it instead (0A000). */
interface Shape {
  columns: { name: string; parse: (text: string) => unknown }[]
  /** All names in order, so that all rows are built alike. */
  blank: Record<string, null>
}

/** A prepared statement. Its shape is missing until the first answer. */
interface Prepared {
  text: string
  shape: Shape | undefined
}

/** What is prepared on a connection, by name: what was used last; and names that the server may have beside, to be freed. */
interface Statements {
  known: LRUCache<string, Prepared>
  forgotten: Set<string>
}
const statements = new WeakMap<Wire, Statements>()
// Each takes memory of the server, on every connection.
export const MOST_PREPARED = 300

// After these a prepared statement has to be made anew: its table has changed, or the server does not know it.
const OUTDATED: ReadonlySet<unknown> = new Set(['0A000', '26000'])

// `pg` takes any query with these handlers; in a pipeline it wants a subclass. Its types do not show them.
const PgQuery = pg.Query as unknown as new (text: string) => object

/**
 * One execution of a statement, for `client.query`. Does once per connection what `pg` does for each query: asking for
 * the columns and working out how to read them, half of the work of a small one.
 */
export class ServerQuery extends PgQuery {
  readonly #query: Query
  readonly #values: unknown[]
  readonly #preamble: readonly Preamble[]
  readonly #done: PromiseWithResolvers<Result>
  readonly #rows: unknown[] = []
  #wire: Wire | undefined
  #prepared: Prepared | undefined
  #shape: Shape | undefined
  /** Names that this execution is the first to use on the connection. */
  readonly #new: string[] = []
  #before: number
  #tag = ''
  #unreadable: unknown

  /**
   * `preamble` goes first, in the same message: when a statement of it fails, the query does not run.
   * @throws Error for a value that cannot be sent
   */
  constructor(query: Query, values: unknown[], preamble: readonly Preamble[], done: PromiseWithResolvers<Result>) {
    super(query.text)
    this.#query = query
    this.#values = values.map((value) => prepareValue(value))
    this.#preamble = preamble
    this.#before = preamble.length
    this.#done = done
  }

  submit(wire: Wire): void {
    const { name = '' } = this.#query
    this.#wire = wire
    const { forgotten } = statementsOn(wire)
    // First, where nothing before it can fail: what comes after a failure is not done.
    for (const unused of forgotten) wire.close({ type: 'S', name: unused }, true)
    forgotten.clear()
    for (const statement of this.#preamble) {
      this.#prepare(wire, statement)
      wire.bind({ statement: statement.name ?? '', values: statement.values }, true)
      wire.execute({}, true)
    }
    this.#prepared = this.#prepare(wire, this.#query)
    this.#shape = this.#prepared.shape
    wire.bind({ statement: name, values: this.#values as string[] }, true)
    if (!this.#shape) wire.describe({ type: 'P', name: '' }, true)
    wire.execute({}, true)
    wire.sync()
  }

  /** Sends a statement's text unless the connection has it. */
  #prepare(wire: Wire, { text, name = '' }: Query): Prepared {
    const { known, forgotten } = statementsOn(wire)
    const found = name ? known.get(name) : undefined
    if (found?.text === text) return found
    const prepared = { text, shape: undefined }
    if (name) {
      known.set(name, prepared)
      this.#new.push(name)
      forgotten.delete(name)
      wire.close({ type: 'S', name }, true) // it may have been forgotten just now
    }
    wire.parse({ name, text, types: [] }, true)
    return prepared
  }

  handleRowDescription({ fields }: { fields: FieldDef[] }): void {
    this.#shape = shapeOf(fields)
    if (this.#prepared) this.#prepared.shape = this.#shape
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    if (!this.#shape || this.#before > 0) return
    try {
      this.#rows.push(this.#query.rowMode === 'array' ? listOf(fields, this.#shape) : rowOf(fields, this.#shape))
    } catch (error) {
      this.#unreadable = error
    }
  }

  handleCommandComplete({ text }: { text: string }): void {
    if (this.#before > 0) this.#before--
    else this.#tag = text
  }

  handleReadyForQuery(): void {
    const affected = Number(this.#tag.slice(this.#tag.lastIndexOf(' ') + 1)) // `SELECT 20`, `INSERT 0 1`, `SAVEPOINT`
    if (this.#unreadable) this.#done.reject(this.#unreadable)
    else this.#done.resolve({ rows: this.#rows as Result['rows'], rowCount: Number.isNaN(affected) ? null : affected })
  }

  handleError(error: Error & { code?: string }): void {
    const doubtful = OUTDATED.has(error.code) ? [this.#query.name ?? '', ...this.#new] : this.#new
    for (const name of doubtful) if (this.#wire) statementsOn(this.#wire).known.delete(name)
    this.#done.reject(error)
  }
}

function statementsOn(wire: Wire): Statements {
  const found = statements.get(wire)
  if (found) return found
  const forgotten = new Set<string>()
  const dispose = (_: Prepared, name: string, why: string) => void (why !== 'set' && forgotten.add(name))
  const made = { known: new LRUCache({ max: MOST_PREPARED, dispose }), forgotten }
  statements.set(wire, made)
  return made
}

function shapeOf(fields: FieldDef[]): Shape {
  return {
    columns: fields.map(({ name, dataTypeID }) => ({ name, parse: parserOf(dataTypeID) })),
    blank: Object.fromEntries(fields.map(({ name }) => [name, null])),
  }
}

function rowOf(fields: (string | null)[], { columns, blank }: Shape): Record<string, unknown> {
  const row: Record<string, unknown> = { ...blank }
  columns.forEach(({ name, parse }, n) => {
    const text = fields[n]
    if (typeof text === 'string') row[name] = parse(text)
  })
  return row
}

const listOf = (fields: (string | null)[], { columns }: Shape): unknown[] =>
  fields.map((text, n) => (text === null ? null : columns[n]?.parse(text)))

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

/** What is prepared on each connection, by name. The shape is missing until the first answer. */
const prepared = new WeakMap<Wire, Map<string, { text: string; shape: Shape | undefined }>>()

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
    for (const statement of this.#preamble) {
      this.#prepare(wire, statement)
      wire.bind({ statement: statement.name ?? '', values: statement.values }, true)
      wire.execute({}, true)
    }
    this.#shape = this.#prepare(wire, this.#query)
    wire.bind({ statement: name, values: this.#values as string[] }, true)
    if (!this.#shape) wire.describe({ type: 'P', name: '' }, true)
    wire.execute({}, true)
    wire.sync()
  }

  /** Sends a statement's text unless the connection has it. @returns the columns of its rows, where they are known */
  #prepare(wire: Wire, { text, name = '' }: Query): Shape | undefined {
    const known = preparedOn(wire)
    const found = known.get(name)
    if (name && found?.text === text) return found.shape
    if (name) {
      known.set(name, { text, shape: undefined })
      this.#new.push(name)
      wire.close({ type: 'S', name }, true) // a run that failed may have left one of that name
    }
    wire.parse({ name, text, types: [] }, true)
    return undefined
  }

  handleRowDescription({ fields }: { fields: FieldDef[] }): void {
    const { name, text } = this.#query
    this.#shape = shapeOf(fields)
    if (name && this.#wire) preparedOn(this.#wire).set(name, { text, shape: this.#shape })
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
    for (const name of doubtful) if (this.#wire) preparedOn(this.#wire).delete(name)
    this.#done.reject(error)
  }
}

function preparedOn(wire: Wire) {
  const known = prepared.get(wire) ?? new Map<string, { text: string; shape: Shape | undefined }>()
  prepared.set(wire, known)
  return known
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

import { type Placeholder, fillPlaceholders, sql } from 'drizzle-orm'
import type { Result } from './engine.ts'
import type { Db } from './session.ts'

export interface Buildable {
  toSQL(): { sql: string; params: unknown[] }
}

interface Statement {
  text: string
  params: unknown[]
  name: string | undefined
}

/** Statements kept in this process, by key. */
const statements = new Map<string, Statement>()
// Each named statement takes memory on every connection, and the shape of a query is the caller's choice (which fields
// a body has): past this number the text is still kept, but not prepared, and past the second nothing more is kept.
const PREPARED = 300
const KEPT = 1000
// Connections remember names: one is never given twice.
let named = 0

/**
 * Runs a statement that is built once per process and prepared once per connection: the hot path. `key` must determine
 * the text; what differs between calls goes through `sql.placeholder(name)` and `values`. Rows come as the driver gives
 * them, keyed by column.
 */
export function runStatement<Row>(
  db: Db,
  key: string,
  build: () => Buildable,
  values: Record<string, unknown>,
): Promise<Result<Row>> {
  const { text, params, name } = statements.get(key) ?? addStatement(key, build().toSQL())
  return db.unit.query<Row>({ text, name }, fillPlaceholders(params, values))
}

function addStatement(key: string, built: ReturnType<Buildable['toSQL']>): Statement {
  const statement = { text: built.sql, params: built.params, name: named < PREPARED ? `fastvue_${named++}` : undefined }
  if (statements.size < KEPT) statements.set(key, statement)
  return statement
}

/** Drops every kept statement; for tests that change how one is built. */
export function forgetStatements(): void {
  statements.clear()
}

/** A placeholder for each value, named as the value is: what an insert or update is built with. */
export const placeholdersFor = (values: object): Record<string, Placeholder> =>
  Object.fromEntries(Object.keys(values).map((name) => [name, sql.placeholder(name)]))

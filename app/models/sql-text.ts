import { type SQL, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'

/** A text as SQL writes it. */
export const sqlLiteral = (text: string): string => `'${text.replaceAll("'", "''")}'`

/**
 * A text written out as SQL has it, for what a migration cannot bind: checks and defaults. (Left to itself drizzle-kit doubles the
 * backslashes of a default, which PostgreSQL has as they are.)
 */
export const sqlText = (text: string): SQL => sql.raw(sqlLiteral(text))

/** "The column has one of these values", for a CHECK. */
export const oneOf = (column: PgColumn, values: readonly string[]): SQL =>
  sql`${column} in (${sql.join(values.map(sqlText), sql`, `)})`

import { AppError, appErrorIn } from '../core/errors.ts'

interface PostgresError extends Error {
  constraint: string
  table: string
  column: string
  detail: string
}

/**
 * What a database error means to a caller: the one place that knows PostgreSQL's codes
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html). Anything unknown is returned as it is and becomes
 * an `internal_error`. Texts name tables and columns of the caller's own request, never values or other companies' rows.
 */
export function translateDatabaseError(error: unknown): unknown {
  if (appErrorIn(error) || !(error instanceof Error)) return error
  const { table = '', column = '', constraint = '', detail = '' }: Partial<PostgresError> = error
  const code = codeOf(error)
  const options = { cause: error }
  switch (code) {
    case '23505': // unique_violation
      return new AppError(
        'duplicate',
        `${recordName(table)} with this ${fieldNames(table, constraint)} already exists`,
        options,
      )
    case '23503': // foreign_key_violation
      return /delete on table/.test(error.message)
        ? new AppError('still_referenced', undefined, options)
        : new AppError(
            'invalid_reference',
            `${fieldNames(table, constraint, detail)} refers to something that does not exist`,
            options,
          )
    case '23502': // not_null_violation
      return new AppError('bad_request', `${column} must not be empty`, options)
    case '23514': // check_violation
      return new AppError('bad_request', `${recordName(table)} breaks the rule ${constraint}`, options)
    case '22003': // numeric_value_out_of_range
    case '22001': // string_data_right_truncation
    case '22P02': // invalid_text_representation
    case '22007': // invalid_datetime_format
    case '22008': // datetime_field_overflow
    case '22021': // character_not_in_repertoire
    case '22P05': // untranslatable_character
      return new AppError(
        'bad_request',
        'A value is too long, too large, or not of the kind that its field takes',
        options,
      )
    case '42501': // insufficient_privilege: row-level security refused the row, or the role the table
      return new AppError('company_forbidden', undefined, options)
    case '40001': // serialization_failure
    case '40P01': // deadlock_detected
      return new AppError('conflict', undefined, options)
    case '53300': // too_many_connections
    case '57014': // query_canceled: statement_timeout
      return new AppError('overloaded', undefined, options)
  }
  // 08: connection, 53: resources, 57P: shutting down, E…: Node's own network errors
  return /^(08|53|57P|E[A-Z]{3,})/.test(code) ? new AppError('database_unavailable', undefined, options) : error
}

/** PostgreSQL's code, Node's own, or the one for what the driver says without any. */
export function codeOf(error: Error): string {
  if ('code' in error && typeof error.code === 'string') return error.code
  if (/^(Connection terminated|Client (has encountered a connection error|was closed))/.test(error.message))
    return '08006' // connection_failure
  return error.message === 'timeout exceeded when trying to connect' ? '53300' : ''
}

/** `activity_logs` → `Activity log`, `companies` → `Company`, `boxes` → `Box`. */
export function recordName(table: string): string {
  const one = table.replace(/ies$/, 'y').replace(/(x|ss|sh|[^a]ch|[^aeo_]us)es$/, '$1')
  const words = (one === table ? table.replace(/s$/, '') : one).replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/**
 * The fields in a constraint's name, as Drizzle makes them: `products_company_id_sku_key` → `SKU`,
 * `products_created_by_users_id_fkey` → `created_by`. (`detail` has them too, but names only the other table where
 * row-level security is on.) A name of up to three letters is an abbreviation.
 */
function fieldNames(table: string, constraint: string, detail = ''): string {
  const [, other] = /in table "(\w+)"/.exec(detail) ?? []
  const field = constraint
    .replace(`${table}_`, '')
    .replace(`_${other}_id_fkey`, '')
    .replace(/^company_id_/, '')
    .replace(/_(key|fkey|idx)$/, '')
  return field.length <= 3 ? field.toUpperCase() : field
}

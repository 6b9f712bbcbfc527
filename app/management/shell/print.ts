import { inspect, types } from 'node:util'
import { getColumns, getTableName, is } from 'drizzle-orm'
import { PgTable } from 'drizzle-orm/pg-core'
import { appErrorIn } from '../../core/errors.ts'
import type { Terminal } from '../terminal.ts'

const MOST_ROWS = 100

type Row = Record<string, unknown>

/** How the shell prints a result: rows as a table, or one under the other where that is too wide; errors in one line. */
export function printer(terminal: Terminal): (value: unknown) => string {
  return (value) => {
    if (types.isNativeError(value)) return oneLine(value)
    if (terminal.json) return JSON.stringify(value) ?? 'null'
    if (isUnawaited(value)) return 'Not awaited yet: put await before it'
    if (is(value, PgTable)) return describeTable(value)
    const rows = rowsIn(value)
    if (rows?.length === 0) return '(0 rows)'
    if (rows) return `${printRows(rows.slice(0, MOST_ROWS), terminal)}\n${footer(rows, value)}`
    return inspect(value, { colors: terminal.colour, depth: 4 })
  }
}

/** A promise, or a query of drizzle, which is sent when it is awaited. */
const isUnawaited = (value: unknown): boolean =>
  types.isPromise(value) || (isRow(value) && typeof value['then'] === 'function')

const describeTable = (table: PgTable): string =>
  `table ${getTableName(table)}: ${Object.keys(getColumns(table)).join(', ')}`

/** What went wrong, as the prompt says it. */
export function oneLine(error: unknown): string {
  if (!types.isNativeError(error)) return inspect(error)
  const { name, message } = appErrorIn(error) ?? innermost(error)
  const interrupted = 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED'
  return interrupted ? 'Cancelled' : `${name}: ${message.split('\n', 1)[0]}`
}

/** What the database said, rather than which statement failed. */
const innermost = (error: Error): Error => (error.cause instanceof Error ? innermost(error.cause) : error)

/** The rows of a query (an array, a driver's result) or of a page of a list. */
function rowsIn(value: unknown): Row[] | undefined {
  if (Array.isArray(value)) return value.every(isRow) ? value : undefined
  if (!isRow(value)) return undefined
  const inner = 'rowCount' in value ? value['rows'] : 'next_cursor' in value ? value['items'] : undefined
  return Array.isArray(inner) ? rowsIn(inner) : undefined
}

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value)

function printRows(rows: Row[], terminal: Terminal): string {
  const head = Object.keys(rows[0] ?? {})
  const table = terminal.table(
    head,
    rows.map((row) => head.map((name) => text(row[name]))),
  )
  const width = terminal.streams.stdout.columns || Infinity // 0 where nobody knows
  return table.indexOf('\n') <= width ? table : rows.map(asRecord).join('\n\n')
}

function asRecord(row: Row): string {
  const width = Math.max(...Object.keys(row).map((name) => name.length))
  return Object.entries(row)
    .map(([name, value]) => `${name.padEnd(width)}  ${text(value)}`)
    .join('\n')
}

function text(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? inspect(value))
}

function footer(rows: Row[], value: unknown): string {
  const count = `${rows.length} ${rows.length === 1 ? 'row' : 'rows'}`
  const total = isRow(value) && typeof value['total'] === 'number' ? ` of ${value['total']}` : ''
  return rows.length > MOST_ROWS ? `(${count}${total}, the first ${MOST_ROWS} shown)` : `(${count}${total})`
}

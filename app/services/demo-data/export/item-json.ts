import { type Column, SQL, getColumns, is } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import { sqlLiteral } from '../../../models/sql-text.ts'

/** SQL for the JSON text of a field that is not a column of its name: a reference by its key. Null: never in the file. */
export type OtherFields = Record<string, string | null>

/**
 * SQL for an item's JSON text, of the table's row `t`: the fields of the item's schema, in that order, without those that are null
 * or at their default. PostgreSQL makes the text, so that no row is taken apart and put together again on its way to the file.
 * @throws Error for a field that is neither a column nor one of the others
 */
export function itemJson(table: PgTable, schema: { shape: object }, others: OtherFields): string {
  const columns: Record<string, Column> = getColumns(table)
  const fields = Object.keys(schema.shape).flatMap((name) => {
    const other = others[name]
    if (other === null) return []
    if (other !== undefined) return [field(name, other)]
    const column = columns[name]
    if (!column) throw new Error(`No column and no SQL for the field ${name}`)
    return [unlessDefault(column, field(name, valueOf(column)))]
  })
  return `'{' || concat_ws(', ', ${fields.join(', ')}) || '}'` // concat_ws leaves out what is null
}

const RFC_3339 = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`

const field = (name: string, json: string) => `'"${name}": ' || ${json}`

function valueOf(column: Column): string {
  const value = `t.${column.name}`
  const type = column.getSQLType()
  if (/^(jsonb|boolean|integer|smallint)$/.test(type)) return `${value}::text`
  if (type.startsWith('timestamp')) return `'"' || to_char(${value} at time zone 'UTC', ${RFC_3339}) || '"'`
  if (type === 'uuid') return `'"' || ${value} || '"'`
  return `to_json(${value}::text)::text`
}

function unlessDefault({ name, default: value }: Column, json: string): string {
  if (value === undefined || is(value, SQL)) return json
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return `case when t.${name} <> ${sqlLiteral(text)} then ${json} end`
}

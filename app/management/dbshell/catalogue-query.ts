import type { Statement } from '../../db/run-sql.ts'

/** What `\d` and `\d NAME` ask the database; undefined for any other command. */
export function catalogueQuery(command: string): Statement | undefined {
  const [, name] = /^\\d(?:\s+(.+?))?;?$/.exec(command) ?? []
  if (name !== undefined) return { text: COLUMNS, values: [name] }
  return /^\\d;?$/.test(command) ? { text: TABLES } : undefined
}

const TABLES = `
  SELECT table_schema AS schema, table_name AS name, lower(table_type) AS type
  FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2`

// The cast reads a name as SQL does ("Quoted", schema.table), and says when there is no such table.
const COLUMNS = `
  SELECT attname AS column, format_type(atttypid, atttypmod) AS type,
    CASE WHEN attnotnull THEN 'not null' ELSE '' END AS null, pg_get_expr(adbin, adrelid) AS default
  FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
  WHERE attrelid = ($1::text)::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`

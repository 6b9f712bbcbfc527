import { type SQL, type SQLWrapper, and, asc, desc, getColumns, ilike, or, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { Filter, ListQuery, SortKey } from '../schemas/list-query.ts'
import { type Cursor, type CursorValue, decodeCursor } from './cursor.ts'

/** The variable parts of a list's SQL. `shape` names the text they make; the values are bound by name. */
export interface ListStatement {
  shape: string
  filters: SQL[]
  after: SQL | undefined
  orderBy: SQL[]
  sort: SortKey[]
  cursor: Cursor | undefined
  values: Record<string, unknown>
}

/**
 * Turns a checked list query into SQL for a table. The order is always total: it ends in `id`, in the direction of the
 * field before it, so that one index serves both.
 * @throws AppError `validation_error` for a cursor that is not one of this list's.
 */
export function listStatement(
  table: PgTable,
  scope: SQL | undefined,
  search: readonly string[],
  query: ListQuery,
): ListStatement {
  const columns = getColumns(table) as Record<string, PgColumn>
  const column = (name: string): PgColumn => columns[name] as PgColumn // checked by the schema: replies show columns
  const sort = query.sort.some((key) => key.field === 'id')
    ? query.sort
    : [...query.sort, { field: 'id', kind: 'integer' as const, descending: query.sort.at(-1)?.descending ?? false }]
  const cursor = query.cursor === undefined ? undefined : decodeCursor(query.cursor, sort)
  const values: Record<string, unknown> = {}
  const bind = (name: string, value: unknown) => {
    values[name] = value
    return sql.placeholder(name)
  }
  const filters = query.filters.map((filter, n) =>
    condition(column(filter.field), filter, (value) => bind(`f${n}`, value)),
  )
  if (query.q) {
    const pattern = bind('q', `%${escapeLike(query.q)}%`)
    filters.push(or(...search.map((name) => ilike(column(name), pattern))) as SQL)
  }
  return {
    shape: shapeOf(query, sort, cursor),
    filters,
    after:
      cursor &&
      afterCursor(sort, column, cursor, (name, field, value) =>
        isElsewhere(value)
          ? sql`(select ${column(field)} from ${table} where ${and(scope, sql`${column('id')} = ${bind(name, value.of)}`)})`
          : wide(column(field), bind(name, value)),
      ),
    orderBy: sort.map((key) => (key.descending ? desc(column(key.field)) : asc(column(key.field)))),
    sort,
    cursor,
    values,
  }
}

type Bind = (value: unknown) => SQLWrapper

function condition(column: PgColumn, { operator, value }: Filter, bind: Bind): SQL {
  switch (operator) {
    case 'isnull':
      return value ? sql`${column} is null` : sql`${column} is not null`
    case 'in':
      return sql`${column} = any(${wide(column, bind(value), '[]')})`
    case 'contains':
      return sql`${column} ilike ${bind(`%${escapeLike(String(value))}%`)}`
    default:
      return sql`${column} ${sql.raw(COMPARISON[operator])} ${wide(column, bind(value))}`
  }
}

/**
 * A number for a column of 16 or 32 bits may have more: it is compared as what it is, instead of refused by the database. Indexes
 * serve both.
 */
const wide = (column: PgColumn, bound: SQLWrapper, list: '' | '[]' = ''): SQLWrapper =>
  NARROW.has(column.getSQLType()) ? sql`${bound}${sql.raw(`::bigint${list}`)}` : bound

const NARROW: ReadonlySet<string> = new Set(['smallint', 'integer'])

const COMPARISON = { eq: '=', lt: '<', lte: '<=', gt: '>', gte: '>=' } as const

/** `%` and `_` find themselves. */
const escapeLike = (text: string) => text.replaceAll(/[\\%_]/g, '\\$&')

/**
 * "Comes after the cursor's row": (a, b, c) > (x, y, z) written out, because directions may differ and values be null.
 * PostgreSQL sorts null as larger than everything.
 */
function afterCursor(
  sort: SortKey[],
  column: (name: string) => PgColumn,
  { values }: Cursor,
  bind: (name: string, field: string, value: CursorValue) => SQLWrapper,
): SQL | undefined {
  const keys = sort.map(({ field, descending }, n) => {
    const value = values[n] ?? null
    return { column: column(field), descending, value, bound: bind(`c${n}`, field, value) }
  })
  const alternatives = keys.map((key, n) => and(...keys.slice(0, n).map(equals), comesAfter(key)))
  const [first] = keys
  // Implied by the rest, but in a form that an index can start from.
  const start =
    first && first.value !== null && first.column.notNull
      ? sql`${first.column} ${sql.raw(first.descending ? '<=' : '>=')} ${first.bound}`
      : undefined
  return and(start, or(...alternatives))
}

const isElsewhere = (value: CursorValue | undefined) => typeof value === 'object' && value !== null

interface BoundKey {
  column: PgColumn
  descending: boolean
  value: unknown
  bound: SQLWrapper
}

const equals = ({ column, value, bound }: BoundKey) =>
  value === null ? sql`${column} is null` : sql`${column} = ${bound}`

function comesAfter({ column, descending, value, bound }: BoundKey): SQL {
  if (descending) return value === null ? sql`${column} is not null` : sql`${column} < ${bound}`
  if (value === null) return sql`false`
  return column.notNull ? sql`${column} > ${bound}` : sql`(${column} > ${bound} or ${column} is null)`
}

function shapeOf({ filters, q }: ListQuery, sort: SortKey[], cursor: Cursor | undefined): string {
  const filtered = filters.map(
    ({ field, operator, value }) => `${field}.${operator}${operator === 'isnull' ? String(value) : ''}`,
  )
  const sorted = sort.map((key, n) => {
    const value = cursor?.values[n]
    return `${key.descending ? '-' : ''}${key.field}${value === null ? '?' : ''}${isElsewhere(value) ? '@' : ''}`
  })
  return [q === undefined || q === '' ? '' : 'q', filtered.join(','), sorted.join(','), cursor ? 'after' : ''].join('|')
}

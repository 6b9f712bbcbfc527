import { getTableName, is } from 'drizzle-orm'
import { PgTable, getTableConfig } from 'drizzle-orm/pg-core'
import * as models from '../../models/index.ts'

/** What a record is called in files: the value of one column, unique within its company (or, without one, altogether). */
export interface NaturalKey {
  table: PgTable
  column: string
}

const OF_IDENTITY: Record<string, string> = {
  companies: 'code',
  users: 'email',
  permissions: 'name',
  roles: 'name',
  groups: 'name',
}

/** The tables whose records a file can refer to, by name. A table of a company has a key when one of its columns alone is unique there. */
export const NATURAL_KEYS: ReadonlyMap<string, NaturalKey> = new Map(
  Object.values(models)
    .filter((model) => is(model, PgTable))
    .flatMap((table): [string, NaturalKey][] => {
      const name = getTableName(table)
      const column = OF_IDENTITY[name] ?? uniqueWithinCompany(table)
      return column === undefined ? [] : [[name, { table, column }]]
    }),
)

function uniqueWithinCompany(table: PgTable): string | undefined {
  const { indexes, uniqueConstraints } = getTableConfig(table)
  const unique = [
    ...indexes.filter(({ config }) => config.unique).map(({ config }) => config.columns),
    ...uniqueConstraints.map(({ columns }) => columns),
  ].map((columns) => columns.flatMap((column) => ('name' in column && column.name ? [column.name] : [])))
  const pair = unique.find((names) => names.length === 2 && names[0] === 'company_id' && names[1] !== 'id')
  return pair?.[1]
}

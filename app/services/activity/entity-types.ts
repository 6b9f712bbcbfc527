import { getTableName, is } from 'drizzle-orm'
import { PgTable } from 'drizzle-orm/pg-core'
import * as models from '../../models/index.ts'
import type { Filter } from '../../schemas/list-query.ts'
import { resourceOf } from '../threads/resource.ts'

const names = Object.values(models)
  .filter((model) => is(model, PgTable))
  .map(getTableName)
const TABLES = new Map(names.map((name) => [resourceOf(name), name]))

/** A filter for `product` finds what is recorded of `products` too: people know a record by its permissions. */
export function inEitherSpelling(filter: Filter): Filter {
  const { field, operator, value } = filter
  const table = field === 'entity_type' && operator === 'eq' ? TABLES.get(String(value)) : undefined
  return table === undefined ? filter : { ...filter, operator: 'in', value: [value, table] }
}

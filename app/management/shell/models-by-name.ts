import { getTableName, is } from 'drizzle-orm'
import { PgTable } from 'drizzle-orm/pg-core'
import { recordName } from '../../db/errors.ts'
import * as models from '../../models/index.ts'

/**
 * Every model by its table's name, `inboxItems`, and by its record's, which Django's users look for: `InboxItem`. What JavaScript
 * itself calls so keeps its name.
 */
export function modelsByName(): Record<string, PgTable> {
  const tables = Object.entries(models).flatMap(([name, model]) => (is(model, PgTable) ? [[name, model] as const] : []))
  const classes = tables.map(([, table]) => [className(table), table] as const)
  return Object.fromEntries([...tables, ...classes.filter(([name]) => !(name in globalThis))])
}

const className = (table: PgTable) =>
  recordName(getTableName(table)).replaceAll(/ ([a-z])/g, (_, letter: string) => letter.toUpperCase())

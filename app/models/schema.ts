import { getTableName, is } from 'drizzle-orm'
import { PgTable } from 'drizzle-orm/pg-core'
import { recordedTable } from '../db/activity-triggers.ts'
import { schemaOf } from '../db/drizzle-kit.ts'
import { Schema } from '../db/schema-snapshot.ts'
import { ACTIVITY, hasFeature } from './table.ts'

/** Models as a schema, with the triggers that `activityMixin` asks for: what migrations are made from. */
export async function schemaOfModels(models: Record<string, unknown>): Promise<Schema> {
  const schema = await schemaOf(models)
  const recorded = Object.values(models).filter((one) => is(one, PgTable) && hasFeature(one, ACTIVITY)) as PgTable[]
  return Schema.parse({
    ...schema,
    ddl: [...schema.ddl, ...recorded.map((table) => recordedTable(getTableName(table)))],
  })
}

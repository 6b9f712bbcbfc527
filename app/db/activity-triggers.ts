import { byKey, type Entity, keyOf, type Schema } from './schema-snapshot.ts'

// drizzle-kit knows no triggers: in our snapshots a table whose changes are recorded has this mark beside it.
const ENTITY_TYPE = 'activity_triggers'

/** The mark of a table whose changes the activity log records. */
export const recordedTable = (table: string): Entity => ({
  entityType: ENTITY_TYPE,
  schema: 'public',
  table,
  name: 'activity',
})

/** A schema as drizzle-kit may see it. */
export const withoutMarks = (schema: Schema): Schema => ({ ...schema, ddl: schema.ddl.filter((one) => !isMark(one)) })

/**
 * CREATE and DROP TRIGGER from one schema to the next; what is dropped with its table goes without saying. `before` has the
 * tables' names of `after`. Triggers per statement: 10,000 rows are recorded by one INSERT. `record_activity()` is made by
 * migration 0008.
 */
export function activityChanges(before: Schema, after: Schema): string[] {
  const [then, now] = [byKey(before), byKey(after)]
  const gone = before.ddl.filter((one) => isMark(one) && !now.has(keyOf(one)) && now.has(keyOf(tableOfMark(one))))
  const added = after.ddl.filter((one) => isMark(one) && !then.has(keyOf(one)))
  return [
    ...gone.flatMap((mark) => TRIGGERS.map(([event]) => `DROP TRIGGER activity_${event} ON ${quotedTable(mark)};`)),
    ...added.flatMap((mark) =>
      TRIGGERS.map(
        ([event, tables]) =>
          `CREATE TRIGGER activity_${event} AFTER ${event.toUpperCase()} ON ${quotedTable(mark)} REFERENCING ${tables} ` +
          `FOR EACH STATEMENT EXECUTE FUNCTION record_activity();`,
      ),
    ),
  ]
}

const TRIGGERS = [
  ['insert', 'NEW TABLE AS after'],
  ['update', 'OLD TABLE AS before NEW TABLE AS after'],
  ['delete', 'OLD TABLE AS before'],
] as const

const isMark = ({ entityType }: Entity): boolean => entityType === ENTITY_TYPE

const tableOfMark = ({ schema, table }: Entity): Entity => ({ entityType: 'tables', schema, name: table ?? '' })

const quotedTable = ({ table }: Entity): string => `"${table}"`

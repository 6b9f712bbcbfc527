import { isSecretName } from '../core/secret-names.ts'
import type { Rename } from './schema-renames.ts'
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
 * names of `after`: `renames` are those that changed. Triggers per statement: 10,000 rows are recorded by one INSERT.
 * `record_activity()` is made by migration 0008, and is told of the table's columns since 0016.
 */
export function activityChanges(before: Schema, after: Schema, renames: readonly Rename[]): string[] {
  const [then, now] = [byKey(before), byKey(after)]
  const isRenamed = ({ table }: Entity) => renames.some(({ kind, path }) => kind === 'column' && path[1] === table)
  const isSame = (mark: Entity) =>
    [then, now].every((schema) => schema.has(keyOf(mark))) &&
    columnsTold(before, mark) === columnsTold(after, mark) &&
    !isRenamed(mark)
  const gone = before.ddl.filter((one) => isMark(one) && now.has(keyOf(tableOfMark(one))) && !isSame(one))
  const added = after.ddl.filter((one) => isMark(one) && !isSame(one))
  return [
    ...gone.flatMap((mark) => TRIGGERS.map(([event]) => `DROP TRIGGER activity_${event} ON ${quotedTable(mark)};`)),
    ...added.flatMap((mark) =>
      TRIGGERS.map(
        ([event, tables]) =>
          `CREATE TRIGGER activity_${event} AFTER ${event.toUpperCase()} ON ${quotedTable(mark)} REFERENCING ${tables} ` +
          `FOR EACH STATEMENT EXECUTE FUNCTION record_activity(${columnsTold(after, mark)});`,
      ),
    ),
  ]
}

// Types whose JSON is one value without names of its own.
const PLAIN =
  /^(bigint|boolean|bytea|date|double|integer|interval|numeric|real|smallint|text|time|timestamp|uuid|varchar)\b/
// What an entry of the log tells in columns of its own.
const TOLD = ['id', 'company_id', 'created_at', 'created_by', 'updated_at', 'updated_by', 'deleted_at', 'version']

/**
 * The arguments of `record_activity()`: which columns are amounts, which can hold no secret, and what the others are while they
 * are empty. It looks for secrets in a row that has anything else.
 */
function columnsTold({ ddl }: Schema, { table }: Entity): string {
  const columns = ddl.filter((one) => one.entityType === 'columns' && one.table === table && !TOLD.includes(one.name))
  const isOne = ({ dimensions }: Entity) => dimensions === 0
  const isPlain = (one: Entity) => isOne(one) && PLAIN.test(String(one['type'])) && !isSecretName(one.name)
  const amounts = columns.filter((one) => isOne(one) && String(one['type']).startsWith('numeric'))
  const empty = Object.fromEntries(columns.filter((one) => !isPlain(one)).map(({ name }) => [name, {}]))
  return [listed(amounts), listed(columns.filter(isPlain)), JSON.stringify(empty)].map((text) => `'${text}'`).join(', ')
}

const listed = (columns: Entity[]): string => `{${columns.map(({ name }) => name).join()}}`

const TRIGGERS = [
  ['insert', 'NEW TABLE AS after'],
  ['update', 'OLD TABLE AS before NEW TABLE AS after'],
  ['delete', 'OLD TABLE AS before'],
] as const

const isMark = ({ entityType }: Entity): boolean => entityType === ENTITY_TYPE

const tableOfMark = ({ schema, table }: Entity): Entity => ({ entityType: 'tables', schema, name: table ?? '' })

const quotedTable = ({ table }: Entity): string => `"${table}"`

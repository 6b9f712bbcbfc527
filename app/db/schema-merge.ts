import { MigrationError } from './migration-error.ts'
import type { Migration } from './migration-files.ts'
import { leavesOf, withAncestors } from './migration-graph.ts'
import {
  byKey,
  EMPTY_SCHEMA,
  type Entity,
  keyOf,
  labelOf,
  sameEntity,
  type Schema,
  tableOf,
} from './schema-snapshot.ts'

/** One line of history: the migrations it ends in, and the schema they lead to. */
interface Side {
  tips: string[]
  schema: Schema
}

/**
 * The schema after several migrations that know nothing of each other, as after a merge of branches: their schemas,
 * merged over what they have in common. `migrations` is in order and has all that `tips` build on.
 * @throws MigrationError when two of them did different things to one table, column, index…
 */
export function schemaAfter(migrations: Migration[], tips: string[]): Schema {
  const sides = migrations
    .filter(({ name }) => tips.includes(name))
    .map(({ name, schema }) => ({ tips: [name], schema }))
  const [first, ...others] = sides
  return first ? others.reduce<Side>((ours, theirs) => merge(migrations, ours, theirs), first).schema : EMPTY_SCHEMA
}

function merge(migrations: Migration[], ours: Side, theirs: Side): Side {
  const [mine, yours] = [withAncestors(migrations, ours.tips), withAncestors(migrations, theirs.tips)]
  const shared = migrations.filter(({ name }) => mine.has(name) && yours.has(name))
  const base = byKey(schemaAfter(shared, leavesOf(shared)))
  const [left, right] = [byKey(ours.schema), byKey(theirs.schema)]

  const conflict = (about: Entity) => {
    const changed = ({ schema }: Migration) => !sameEntity(byKey(schema).get(keyOf(about)), base.get(keyOf(about)))
    const who = (names: Set<string>, { tips }: Side) =>
      migrations.find((one) => names.has(one.name) && !shared.includes(one) && changed(one))?.name ?? tips.join(', ')
    return new MigrationError(
      `${who(mine, ours)} and ${who(yours, theirs)} both change ${labelOf(about)} (${about.entityType}), ` +
        `and not to the same; delete one of them and make it again on top of the other`,
    )
  }

  const ddl = [...new Map([...left, ...right])].flatMap(([key, entity]) => {
    const [before, here, there] = [base.get(key), left.get(key), right.get(key)]
    if (sameEntity(here, there) || sameEntity(before, there)) return here ?? []
    if (sameEntity(before, here)) return there ?? []
    throw conflict(entity)
  })
  const tables = new Set(ddl.filter(({ entityType }) => entityType === 'tables').map(({ name }) => name))
  for (const entity of ddl) {
    const name = tableOf(entity)
    // One side dropped or renamed the table, the other added to it.
    if (name && !tables.has(name)) throw conflict({ entityType: 'tables', schema: entity.schema, name })
  }
  return { tips: [...ours.tips, ...theirs.tips], schema: { ...ours.schema, ddl } }
}

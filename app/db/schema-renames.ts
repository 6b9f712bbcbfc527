import type { Resolution } from './drizzle-kit.ts'
import { byKey, type Entity, type Schema, typeOf } from './schema-snapshot.ts'

/** What was called `from` is called `path` now. */
export type Rename = Required<Resolution>

/** The names by which drizzle-kit's hints know an entity. */
export const pathOf = ({ schema, table, name }: Entity): string[] =>
  [schema, table, name].filter((part) => part !== undefined && part !== null)

/** A schema with things under their new names and otherwise as they were. */
export function withRenames(schema: Schema, renames: Rename[]): Schema {
  return { ...schema, ddl: schema.ddl.map((entity) => renames.reduce(renamed, entity)) }
}

/** The renames that lead back. Columns are found under the table names of before. */
export function reversed(renames: Rename[]): Rename[] {
  return renames.map(({ kind, from, path }) => {
    const table = renames.find((one) => one.kind === 'table' && from.length === 3 && same(one.path, from.slice(0, 2)))
    const asBefore = (names: readonly string[]) => (table ? [...table.from, ...names.slice(2)] : names)
    return { kind, from: asBefore(path), path: asBefore(from) }
  })
}

/** What an entity is, whatever it is called. */
export function definitionOf({ name: _name, nameExplicit: _nameExplicit, ...rest }: Entity): string {
  return JSON.stringify(rest)
}

/** SQL for the sequences of renamed identity columns; drizzle-kit leaves them in the way of a later table of the old name. */
export function sequenceRenames(before: Schema, after: Schema): string[] {
  const then = byKey(before)
  return [...byKey(after)].flatMap(([key, entity]) => {
    const [from, to] = [sequenceOf(then.get(key)), sequenceOf(entity)]
    return from && to && from !== to ? [`ALTER SEQUENCE "${from}" RENAME TO "${to}";`] : []
  })
}

function renamed(entity: Entity, rename: Rename): Entity {
  const name = rename.path.at(-1) ?? ''
  if (entity.entityType === typeOf(rename.kind) && same(pathOf(entity), rename.from)) return { ...entity, name }
  if (rename.kind === 'table') return inRenamedTable(entity, rename.from, name)
  if (rename.kind === 'column') return withRenamedColumn(entity, rename.from, name)
  return entity
}

function inRenamedTable(entity: Entity, [schema, table]: readonly string[], name: string): Entity {
  return {
    ...entity,
    ...(entity.schema === schema && entity.table === table && { table: name }),
    ...(entity['schemaTo'] === schema && entity['tableTo'] === table && { tableTo: name }),
  }
}

function withRenamedColumn(entity: Entity, [schema, table, column]: readonly string[], name: string): Entity {
  const rename = (columns: unknown): unknown => {
    if (columns === column) return name
    if (Array.isArray(columns)) return columns.map(rename)
    return isPlainIndexColumn(columns) && columns.value === column ? { ...columns, value: name } : columns
  }
  const { columns, columnsTo, schemaTo, tableTo } = entity
  return {
    ...entity,
    ...(columns !== undefined && entity.schema === schema && entity.table === table && { columns: rename(columns) }),
    ...(columnsTo !== undefined && schemaTo === schema && tableTo === table && { columnsTo: rename(columnsTo) }),
  }
}

function sequenceOf(entity: Entity | undefined): string | undefined {
  const identity = entity?.['identity']
  const named = typeof identity === 'object' && identity !== null && 'name' in identity
  return named ? String(identity.name) : undefined
}

const isPlainIndexColumn = (column: unknown): column is { value: string; isExpression: false } =>
  typeof column === 'object' && column !== null && 'isExpression' in column && !column.isExpression

const same = (a: readonly string[], b: readonly string[]) => a.join('\0') === b.join('\0')

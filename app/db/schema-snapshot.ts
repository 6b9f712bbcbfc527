import { z } from 'zod'

/** One thing of a schema as drizzle-kit describes it: a table, a column, an index, a policy… */
export const Entity = z.looseObject({
  entityType: z.string(),
  name: z.string(),
  schema: z.string().nullish(),
  table: z.string().nullish(),
})
export type Entity = z.output<typeof Entity>

/** A whole schema: what the models looked like when a migration was made. */
export const Schema = z.object({ version: z.string(), dialect: z.string(), ddl: z.array(Entity) })
export type Schema = z.output<typeof Schema>

export const EMPTY_SCHEMA: Schema = { version: '9', dialect: 'postgres', ddl: [] }

/** What makes an entity the same one in two schemas. */
export const keyOf = ({ entityType, schema, table, name }: Entity): string =>
  [entityType, schema ?? '', table ?? '', name].join('\0')

/** drizzle-kit's word for a kind of thing in its schemas, from the one in its questions. */
export const typeOf = (kind: string): string => IRREGULAR[kind] ?? `${kind}s`
const IRREGULAR: Record<string, string> = {
  index: 'indexes',
  primary_key: 'pks',
  'foreign key': 'fks',
  policy: 'policies',
}

/** The table an entity is, or is part of. */
export const tableOf = (entity: Entity): string | undefined =>
  entity.entityType === 'tables' ? entity.name : (entity.table ?? undefined)

/** `products`, `products.price`: an entity's name as people write it. */
export function labelOf({ schema, table, name }: Pick<Entity, 'schema' | 'table' | 'name'>): string {
  const inSchema = schema && schema !== 'public' ? [schema] : []
  return [...inSchema, ...(table ? [table] : []), name].join('.')
}

export const byKey = ({ ddl }: Schema): Map<string, Entity> => new Map(ddl.map((entity) => [keyOf(entity), entity]))

export const sameEntity = (a: Entity | undefined, b: Entity | undefined): boolean =>
  JSON.stringify(a) === JSON.stringify(b)

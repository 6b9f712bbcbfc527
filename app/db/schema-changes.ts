import { REPLACEABLE } from './schema-diff.ts'
import { type Rename, withRenames } from './schema-renames.ts'
import { byKey, type Entity, keyOf, labelOf, sameEntity, type Schema, tableOf, typeOf } from './schema-snapshot.ts'

/** One difference of two schemas in words: `create table invoices`, `rename column products.cost to products.price`. */
export interface Change {
  verb: 'create' | 'drop' | 'alter' | 'rename'
  /** `table`, `column`, `index`… */
  what: string
  name: string
  /** The new name of something renamed. */
  to?: string
}

const KINDS = [
  'table',
  'column',
  'index',
  'unique',
  'check',
  'foreign key',
  'primary_key',
  'policy',
  'enum',
  'sequence',
  'view',
  'activity_trigger',
]
const WORDS = new Map(KINDS.map((kind) => [typeOf(kind), kind.replace('_', ' ')]))

/** What differs, tables first; what is created or dropped with its table goes without saying. */
export function changesBetween(before: Schema, after: Schema, renames: Rename[]): Change[] {
  const [then, now] = [byKey(withRenames(before, renames)), byKey(after)]
  const created = [...now.values()].filter((entity) => !then.has(keyOf(entity)))
  const dropped = [...then.values()].filter((entity) => !now.has(keyOf(entity)))
  const altered = [...now.values()].filter((entity) => {
    const old = then.get(keyOf(entity))
    return old && !sameEntity(old, entity)
  })
  return [
    ...renames
      .filter(({ kind }) => !REPLACEABLE.includes(kind))
      .map(({ kind, from, path }): Change => {
        return {
          verb: 'rename',
          what: kind.replace('_', ' '),
          name: from.slice(1).join('.'),
          to: path.slice(1).join('.'),
        }
      }),
    ...withoutParts(created).map((entity) => change('create', entity)),
    ...withoutParts(dropped).map((entity) => change('drop', entity)),
    ...altered.map((entity) => change('alter', entity)),
  ]
}

export function sentence({ verb, what, name, to }: Change): string {
  return [verb, what, name, ...(to ? ['to', to] : [])].join(' ')
}

/** A migration's name from its first change: `create_invoices`, `rename_products_cost_to_price`. */
export function slugOf([first]: Change[]): string {
  if (!first) return 'empty'
  const { verb, name, to } = first
  return slug([verb, name, ...(to ? ['to', to.split('.').at(-1)] : [])].join(' '))
}

/** Words as a folder's name may have them. */
export function slug(words: string): string {
  return words
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, 60)
}

function withoutParts(entities: Entity[]): Entity[] {
  const tables = new Set(entities.filter(({ entityType }) => entityType === 'tables').map(tableOf))
  return entities.filter((entity) => entity.entityType === 'tables' || !tables.has(tableOf(entity)))
}

const change = (verb: Change['verb'], entity: Entity): Change => ({
  verb,
  what: WORDS.get(entity.entityType) ?? entity.entityType,
  name: labelOf(entity),
})

import { resourceOf } from '../../services/threads/resource.ts'
import { type Feature, lines } from './feature.ts'
import type { Field } from './fields.ts'
import { importsFor, literal } from './literal.ts'
import { constantOf } from './names.ts'
import type { Target } from './referable.ts'

const FUNCTIONS = [
  'boolean',
  'check',
  'date',
  'doublePrecision',
  'foreignKey',
  'index',
  'integer',
  'jsonb',
  'numeric',
  'text',
  'time',
  'uniqueIndex',
  'uuid',
  'varchar',
]

/** `app/models/invoice.ts`. @param fileOf where a model is that it refers to: `./company.ts` */
export function modelFile(feature: Feature, fileOf: (target: Target) => string): string {
  const { many, fields } = feature
  const extras = fields.flatMap((field) => extrasOf(feature, field))
  const table = lines(
    `export const ${many.camel} = companyTable(`,
    `  '${many.snake}',`,
    `  {`,
    `    ...enterpriseModel(${resourceGiven(feature)}),`,
    fields.map((field) => `    ${field.name}: ${columnOf(field)},`),
    `  },`,
    extras.length ? ['  (t) => [', ...extras.map((extra) => `    ${extra},`), '  ],'] : [],
    `)`,
  )
  const constants = fields.flatMap((field) => valuesOf(feature, field))
  const targets = Object.groupBy(
    fields.flatMap(({ target }) => (target ? [target] : [])),
    fileOf,
  )
  const imports = importsFor(table, {
    'drizzle-orm': ['sql'],
    'drizzle-orm/pg-core': FUNCTIONS,
    './base.ts': ['companyTable', 'enterpriseModel'],
    './mixins.ts': ['bigintNumber', 'timestamptz'],
    './sql-text.ts': ['oneOf', 'sqlText'],
    ...Object.fromEntries(
      Object.entries(targets).map(([file, of = []]) => [file, [...new Set(of.map(({ constant }) => constant))]]),
    ),
  })
  return lines(imports, '', constants, constants.length ? '' : [], table)
}

/** Threads know a model's permissions by its table's name, or have to be told. */
const resourceGiven = ({ many, resource }: Feature): string =>
  resourceOf(many.snake) === resource ? '' : `{ resource: '${resource}' }`

const valuesOf = (feature: Feature, { name, shape }: Field): string[] =>
  shape.values
    ? [`export const ${constantOf(feature.one.snake, name)} = [${shape.values.map(literal).join(', ')}] as const`]
    : []

function columnOf({ shape, optional, target, default: value }: Field): string {
  const given = value === undefined ? '' : `.default(${value})`
  const references =
    target && !target.ofCompany
      ? `.references(() => ${target.constant}.id${optional ? `, { onDelete: 'set null' }` : ''})`
      : ''
  return `${shape.column}${optional ? '' : '.notNull()'}${given}${references}`
}

/** Keys, indexes and rules of a field. A deleted record gives a unique value back. */
function extrasOf(feature: Feature, field: Field): string[] {
  const { name, unique, index, shape, target } = field
  const table = feature.many.snake
  return [
    ...(unique
      ? [`uniqueIndex('${table}_company_id_${name}_key').on(t.company_id, t.${name}).where(sql\`not is_deleted\`)`]
      : []),
    ...(index ? [`index('${table}_company_id_${name}_id_idx').on(t.company_id, t.${name}, t.id)`] : []),
    ...(shape.values
      ? [`check('${table}_${name}_check', oneOf(t.${name}, ${constantOf(feature.one.snake, name)}))`]
      : []),
    ...(target ? referenceOf(table, name, target) : []),
  ]
}

/** With the company in the key, the database itself refuses another company's row. */
function referenceOf(table: string, name: string, { constant, ofCompany }: Target): string[] {
  if (!ofCompany) return [`index('${table}_${name}_idx').on(t.${name})`]
  return [
    `foreignKey({ name: '${table}_company_id_${name}_fkey', columns: [t.company_id, t.${name}], foreignColumns: [${constant}.company_id, ${constant}.id] })`,
    `index('${table}_company_id_${name}_idx').on(t.company_id, t.${name})`,
  ]
}

/** The longest names that a field gives to things in the database, which has 63 characters for each. */
export function databaseNames(table: string, { name, target }: Field): string[] {
  const reference = target ? `${table}_${name}_${target.table}_id_fkey` : ''
  return [`${table}_company_id_${name}_fkey`, `${table}_company_id_${name}_id_idx`, reference]
}

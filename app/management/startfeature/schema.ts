import { type Feature, isOptional, lines } from './feature.ts'
import type { Field } from './fields.ts'
import { importsFor } from './literal.ts'
import { constantOf } from './names.ts'

const OF_COMMON = [
  'CalendarDate',
  'DateResponse',
  'Decimal',
  'Id',
  'JsonObject',
  'TimeOfDay',
  'TimeResponse',
  'Timestamp',
  'TimestampInput',
  'UuidResponse',
  'choiceResponse',
  'decimalInput',
  'jsonInput',
  'text',
]

/** `app/schemas/invoice.ts` */
export function schemaFile(feature: Feature): string {
  const { one, fields } = feature
  const [optional, required] = [fields.filter(isOptional), fields.filter((field) => !isOptional(field))]
  const demanded = required.length ? '...required, ' : ''
  const code = lines(
    required.length ? `const required = { ${required.map(inputOf).join(', ')} }` : [],
    optional.length
      ? `const optional = { ${optional.map(inputOf).join(', ')}, ...enterpriseInput }`
      : `const optional = enterpriseInput`,
    '',
    `export const ${one.pascal}Create = z`,
    `  .strictObject({ ${demanded}...z.object(optional).partial().shape, company_id: Id.optional() })`,
    `  .meta({ id: '${one.pascal}Create' })`,
    '',
    `export const ${one.pascal}Update = z`,
    `  .strictObject({ ${demanded}...optional })`,
    `  .partial()`,
    `  .extend({ version: z.int().positive().optional() })`,
    `  .meta({ id: '${one.pascal}Update' })`,
    '',
    `export const ${one.pascal}Response = z`,
    `  .object({`,
    `    id: Id,`,
    `    company_id: Id,`,
    fields.map((field) => `    ${outputOf(field)},`),
    `    ...enterpriseOutput,`,
    `  })`,
    `  .meta({ id: '${one.pascal}' })`,
  )
  const constants = fields.filter(({ shape }) => shape.values).map(({ name }) => constantOf(one.snake, name))
  const imports = importsFor(code, {
    zod: ['z'],
    [`../models/${one.kebab}.ts`]: constants,
    './common.ts': OF_COMMON,
    './enterprise.ts': ['enterpriseInput', 'enterpriseOutput'],
    './identity.ts': ['Email', 'Phone', 'WebAddress'],
  })
  return lines(imports, '', code)
}

/** Text that may be left out may be empty. */
function inputOf(field: Field): string {
  const { name, shape, optional } = field
  const input = isOptional(field) ? shape.input.replace(/^text\(1,/, 'text(0,') : shape.input
  return `${name}: ${input}${optional ? '.nullable()' : ''}`
}

const outputOf = ({ name, shape, optional }: Field) => `${name}: ${shape.output}${optional ? '.nullable()' : ''}`

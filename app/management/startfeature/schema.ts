import { type Feature, constantOf, isOptional, lines } from './feature.ts'
import type { Field } from './fields.ts'
import { importsFor } from './literal.ts'

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
  'decimalInput',
  'text',
]

/** `app/schemas/invoice.ts` */
export function schemaFile(feature: Feature): string {
  const { one, fields } = feature
  const [optional, required] = [fields.filter(isOptional), fields.filter((field) => !isOptional(field))]
  const code = lines(
    `const required = { ${required.map(inputOf).join(', ')} }`,
    optional.length
      ? `const optional = { ${optional.map(inputOf).join(', ')}, ...enterpriseInput }`
      : `const optional = enterpriseInput`,
    '',
    `export const ${one.pascal}Create = z`,
    `  .strictObject({ ...required, ...z.object(optional).partial().shape, company_id: Id.optional() })`,
    `  .meta({ id: '${one.pascal}Create' })`,
    '',
    `export const ${one.pascal}Update = z`,
    `  .strictObject({ ...required, ...optional })`,
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
  const constants = fields.filter(({ shape }) => shape.values).map(({ name }) => constantOf(feature, name))
  const imports = importsFor(code, {
    zod: ['z'],
    [`../models/${one.kebab}.ts`]: constants,
    './common.ts': OF_COMMON,
    './enterprise.ts': ['enterpriseInput', 'enterpriseOutput'],
    './identity.ts': ['Email', 'Phone', 'WebAddress'],
  })
  return lines(
    imports,
    '',
    required.length ? code : code.replace('const required = {  }\n', '').replaceAll(/\.\.\.required, /g, ''),
  )
}

/** Text that may be left out may be empty. */
function inputOf(field: Field): string {
  const { name, shape, optional } = field
  const input = isOptional(field) ? shape.input.replace(/^text\(1,/, 'text(0,') : shape.input
  return `${name}: ${input}${optional ? '.nullable()' : ''}`
}

const outputOf = ({ name, shape, optional }: Field) => `${name}: ${shape.output}${optional ? '.nullable()' : ''}`

import { type Feature, lines, referencesOf, targetsOf, valuesOf } from './feature.ts'
import type { Field } from './fields.ts'

/** How long the secret of `tests/support/attack.ts` is. */
const SECRET_LENGTH = 27

/** `tests/support/attack-cases/invoices.ts`: what makes a record in tests, and how its routes are attacked. */
export function attackCaseFile(feature: Feature): string {
  const { one, many, path, article } = feature
  const values = valuesOf(feature)
  const references = referencesOf(feature).map(({ name }) => name)
  const route = `/api/v1${path}`
  const given = ['...other', ...references].join(', ')
  const made = (which: 'sample' | 'other') =>
    `{ ${values.map(({ name, shape }) => `${name}: ${shape[which]}`).join(', ')} }`
  return lines(
    `import { ${[...targetsOf(feature), many.camel].toSorted().join(', ')} } from '../../../app/models/index.ts'`,
    `import type { Context } from '../../../app/services/context.ts'`,
    `import { ${one.pascal}Service } from '../../../app/services/${one.kebab}.ts'`,
    `import { SECRET } from '../attack.ts'`,
    references.length ? `import { recordOf } from '../record-of.ts'` : [],
    `import { type Feature, ${references.length ? 'dangling, ' : ''}forbidden, item, own } from './case.ts'`,
    '',
    `/** The values of ${article} ${one.words}, and of another one that differs in each. */`,
    `export const sample = ${made('sample')}`,
    `export const other = ${made('other')}`,
    '',
    references.length
      ? [
          `/** A body that makes ${article} ${one.words} in the company of the context, with records of that company to refer to. */`,
          `export const bodyOf = async (ctx: Context) => ({ ...sample, ${referencesOf(feature)
            .map(({ name, target }) => `${name}: await recordOf(ctx, ${target.constant})`)
            .join(', ')} })`,
        ]
      : [
          `/** A body that makes ${article} ${one.words} in the company of the context. */`,
          `export const bodyOf = async (_: Context) => sample`,
        ],
    '',
    `const secret = { ${[...values.filter(hidesSecret).map(({ name }) => `${name}: SECRET`), 'url_label: SECRET', 'metadata: { note: SECRET }'].join(', ')} }`,
    '',
    `export const ${one.camel}Feature: Feature = {`,
    `  table: ${many.camel},`,
    `  create: async (ctx, changes) => new ${one.pascal}Service(ctx).create({ ...(await bodyOf(ctx)), ...secret, ...changes }),`,
    `  cases: ({ company_id }, { ${['id', ...references].join(', ')} }) => ({`,
    `    'get ${route}': own([200]),`,
    `    'get ${route}?q=SECRET': own([200]),`,
    `    'get ${route}?sort=-url_label&url_label__contains=SECRET': own([200]),`,
    `    [\`get ${route}?company_id=\${company_id}\`]: own([403]),`,
    `    'get ${route}?company_id=all': own([403]),`,
    `    'get ${route}?deleted=true': own([200]),`,
    `    'post ${route}': forbidden({ ${given}, company_id }),`,
    references.length ? `    'post ${route}?with=victim': dangling({ ${given} }),` : [],
    `    'get ${route}/{id}': item(id),`,
    `    'put ${route}/{id}': item(id, { url_label: 'taken' }),`,
    `    'patch ${route}/{id}': item(id, { url_label: 'taken', version: 1 }),`,
    `    'delete ${route}/{id}': item(id),`,
    `    'post ${route}/{id}/restore': item(id),`,
    `  }),`,
    `}`,
  )
}

const hidesSecret = ({ shape }: Field) => shape.room !== undefined && shape.room >= SECRET_LENGTH

import { articleOf } from '../../core/article.ts'

/** A name in every spelling that code has: `sales_order`, `sales-order`, `salesOrder`, `SalesOrder`, `sales order`. */
export interface Spellings {
  snake: string
  kebab: string
  camel: string
  pascal: string
  words: string
}

/** What a feature is called: `one` record, and `many`. */
export interface FeatureNames {
  one: Spellings
  many: Spellings
  /** The first half of its permissions. */
  resource: string
  /** Its routes, below `/api/v1`. */
  path: string
  article: 'a' | 'an'
}

/** `SalesOrder`, `sales-order` and `salesOrder` as `sales_order`; undefined for what is no name at all. */
export function snakeCase(text: string): string | undefined {
  if (!/^[A-Za-z][A-Za-z0-9]*([_-][A-Za-z0-9]+)*$/.test(text)) return undefined
  return text
    .replaceAll('-', '_')
    .replaceAll(/([a-z0-9])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$3_$2')
    .toLowerCase()
}

/** `invoice` → `invoices`, `category` → `categories`, `box` → `boxes`. What is irregular has to be told. */
export function pluralOf(snake: string): string {
  if (/[^aeiou]y$/.test(snake)) return snake.replace(/y$/, 'ies')
  return /(s|x|z|ch|sh)$/.test(snake) ? `${snake}es` : `${snake}s`
}

/** `invoices`, but not `status`, `address` or `analysis`. */
export const looksPlural = (snake: string): boolean => /[^suia]s$/.test(snake)

export function featureNames(one: string, many: string): FeatureNames {
  return {
    one: spellings(one),
    many: spellings(many),
    resource: one,
    path: `/${spellings(many).kebab}`,
    article: articleOf(one),
  }
}

/** The files that are a feature's own. */
export const filesOf = ({ one, many }: FeatureNames) => ({
  model: `app/models/${one.kebab}.ts`,
  schema: `app/schemas/${one.kebab}.ts`,
  service: `app/services/${one.kebab}.ts`,
  routes: `app/api/v1/${many.kebab}.ts`,
  attackCase: `tests/support/attack-cases/${many.kebab}.ts`,
  test: `tests/integration/api/${many.kebab}.test.ts`,
})

function spellings(snake: string): Spellings {
  const parts = snake.split('_')
  const pascal = parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('')
  const camel = pascal.charAt(0).toLowerCase() + pascal.slice(1)
  return { snake, kebab: parts.join('-'), camel, pascal, words: parts.join(' ') }
}

/** The name of the constant that has an enum's values: `INVOICE_STATUS`. */
export const constantOf = (one: string, name: string): string => `${one}_${name}`.toUpperCase()

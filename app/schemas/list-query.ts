import { z } from 'zod'
import { PathId } from './common.ts'
import {
  type FieldKind,
  FilterError,
  OPERATORS,
  type Operator,
  fieldKinds,
  operatorsOf,
  parseOperand,
} from './filter.ts'

export interface Filter {
  field: string
  operator: Operator
  value: unknown
}

export interface SortKey {
  field: string
  kind: FieldKind
  descending: boolean
}

/** A list's query string, checked: every field in it is one that the reply shows. */
export interface ListQuery {
  page: number
  page_size: number
  with_total: boolean
  cursor?: string
  q?: string
  /** Of what is deleted, and nothing else; see `restorableListQuery`. */
  deleted?: boolean
  /** `all`, from a superuser: of every company */
  company_id?: number | 'all'
  sort: SortKey[]
  filters: Filter[]
}

/** What a list is where nothing is asked of it: its first page, by id. */
export const FIRST_PAGE: ListQuery = { page: 1, page_size: 20, with_total: true, sort: [], filters: [] }

/** A number from 1 in a query, where everything is text. */
function countOf(most: number) {
  const error = `expected an integer from 1 to ${most}, once`
  return z.coerce.number<string>(error).int(error).min(1, error).max(most, error)
}

const Parameters = z
  .object({
    page: countOf(1_000_000).default(1),
    page_size: countOf(200).default(20),
    cursor: z
      .string()
      .max(8000)
      .optional()
      .meta({ description: 'Continues after the page whose `next_cursor` this is' }),
    with_total: z
      .stringbool({ error: 'expected true or false' })
      .default(true)
      .meta({ description: 'false skips the count' }),
    q: z.string().max(200).optional().meta({ description: 'Text to find, literally' }),
    sort: z
      .string()
      .max(200)
      .optional()
      .meta({ description: 'Fields, comma-separated; `-` before one is descending', examples: ['-created_at,name'] }),
    company_id: z
      .union([z.literal('all'), PathId], {
        error: 'expected the id of a company or, from a superuser, "all"',
      })
      .optional()
      .meta({ description: 'Another of your companies; `all` for superusers' }),
  })
  .catchall(z.string())

const Deleted = {
  deleted: z
    .stringbool()
    .default(false)
    .meta({ description: 'true: what is deleted, and nothing else; for who may restore it' }),
}

/** Names that are not filters. */
export const LIST_PARAMETERS: ReadonlySet<string> = new Set([...Object.keys(Parameters.shape), ...Object.keys(Deleted)])

interface Filtering {
  /** Other names of filters: `{ from: 'created_at__gte' }` */
  aliases?: Readonly<Record<string, string>>
  /** The values that a field of few can have; another is a fault, so that a slip of the pen does not look like nothing found. */
  choices?: Readonly<Record<string, readonly string[]>>
}

/**
 * The query string of a list of `item`: paging, `q`, `sort`, and a filter for each field that the item shows:
 * `field=value` and `field__lt|lte|gt|gte|in|contains|isnull=value`. An unknown field is a fault, so that a filter or a
 * sort never tells anything about a column that the reply does not show.
 */
export const listQuery = (item: z.ZodObject, filtering?: Filtering) => listQueryWith(item, {}, filtering)

/** The same, of a list of what can be restored once it is deleted. Its route must have a guard with `deleted`. */
export const restorableListQuery = (item: z.ZodObject) => listQueryWith(item, Deleted)

/** The same, of a list that has parameters of its own as well. A field of the item by the name of one is no filter. */
export function listQueryWith<Own extends z.ZodRawShape>(
  item: z.ZodObject,
  own: Own,
  { aliases = {}, choices = {} }: Filtering = {},
) {
  const choicesOf = new Map(Object.entries(choices))
  const aliasOf = new Map(Object.entries(aliases))
  const kinds = new Map([...fieldKinds(item)].filter(([name]) => !Object.hasOwn(own, name)))
  // TypeScript does not follow a shape that is a type parameter: the list's own are picked out by name below.
  const schema = Parameters.extend(own) as unknown as typeof Parameters
  const read = (
    given: Readonly<Record<string, unknown>>,
    context: z.RefinementCtx,
  ): Pick<ListQuery, 'filters' | 'sort'> => {
    const fault = (name: string, message: string, type: string) =>
      context.addIssue({ code: 'custom', path: [name], message, params: { type } })
    const filters = Object.entries(given).flatMap(([name, operand]) => {
      if (Object.hasOwn(schema.shape, name) || typeof operand !== 'string') return []
      try {
        return parseFilter(kinds, choicesOf, aliasOf.get(name) ?? name, operand)
      } catch (error) {
        if (!(error instanceof FilterError)) throw error
        fault(name, error.message, error.type)
        return []
      }
    })
    const sort = parseSort(given['sort']).flatMap(({ field, descending }) => {
      const kind = kinds.get(field)
      if (kind) return { field, kind, descending }
      fault('sort', `cannot sort by "${field}"; fields: ${[...kinds.keys()].join(', ')}`, 'unknown_field')
      return []
    })
    return { filters, sort }
  }
  return (
    schema
      // With a fault already there is no transform; those it would find are told all the same.
      .superRefine((given, context) => void read(given, context), { when: ({ issues }) => issues.length > 0 })
      .transform((given, context): ListQuery & z.output<z.ZodObject<Own>> => {
        const { page, page_size, with_total, cursor, q, company_id } = given
        const named = Object.fromEntries(Object.entries(given).filter(([name]) => Object.hasOwn(own, name)))
        return {
          ...(named as z.output<z.ZodObject<Own>>),
          page,
          page_size,
          with_total,
          cursor,
          q,
          company_id,
          ...read(given, context),
        }
      })
      .meta({
        filters: [...kinds].map(([name, kind]) => [name, kind, choicesOf.get(name)]),
        aliases: [...aliasOf],
      })
  )
}

function parseFilter(
  kinds: ReadonlyMap<string, FieldKind>,
  choices: ReadonlyMap<string, readonly string[]>,
  name: string,
  operand: string,
): Filter {
  const [field = '', operator = 'eq', ...rest] = name.split('__')
  const kind = kinds.get(field)
  if (!kind || rest.length)
    throw new FilterError(`unknown parameter; fields: ${[...kinds.keys()].join(', ')}`, 'unknown_field')
  if (!isOperator(operator) || !operatorsOf(kind).includes(operator))
    throw new FilterError(`unknown filter; ${field} has ${operatorsOf(kind).join(', ')}`, 'unknown_filter')
  return { field, operator, value: parseOperand({ kind, choices: choices.get(field) }, operator, operand) }
}

/** Each field once: where rows are equal by it already, it orders nothing more. */
function parseSort(sort: unknown): Omit<SortKey, 'kind'>[] {
  const keys = typeof sort === 'string' ? sort.split(',').filter(Boolean) : []
  const fields = new Map<string, Omit<SortKey, 'kind'>>()
  for (const key of keys) {
    const descending = key.startsWith('-')
    const field = descending ? key.slice(1) : key
    if (!fields.has(field)) fields.set(field, { field, descending })
  }
  return [...fields.values()]
}

const isOperator = (name: string): name is Operator => (OPERATORS as readonly string[]).includes(name)

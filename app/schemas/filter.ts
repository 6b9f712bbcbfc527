import { z } from 'zod'
import { CalendarDate, TimeOfDay } from './common.ts'

export const OPERATORS = ['eq', 'lt', 'lte', 'gt', 'gte', 'in', 'contains', 'isnull'] as const
export type Operator = (typeof OPERATORS)[number]

/** What a field holds, as far as comparing goes. */
export type FieldKind = 'integer' | 'number' | 'decimal' | 'boolean' | 'datetime' | 'date' | 'time' | 'uuid' | 'string'

/** A filter that cannot be used: what to tell, and the fault's type. */
export class FilterError extends Error {
  readonly type: string
  constructor(message: string, type: string) {
    super(message)
    this.type = type
  }
}

const ORDERED = ['eq', 'lt', 'lte', 'gt', 'gte', 'in', 'isnull'] as const satisfies Operator[]
const BY_KIND: Record<FieldKind, readonly Operator[]> = {
  integer: ORDERED,
  number: ORDERED,
  decimal: ORDERED,
  datetime: ORDERED,
  date: ORDERED,
  time: ORDERED,
  uuid: ORDERED,
  string: [...ORDERED, 'contains'],
  boolean: ['eq', 'isnull'],
}
export const operatorsOf = (kind: FieldKind): readonly Operator[] => BY_KIND[kind]

/** The comparable fields of a reply; lists and objects in it (`metadata`) are not. */
export function fieldKinds(item: z.ZodObject): ReadonlyMap<string, FieldKind> {
  const kinds = Object.entries(item.shape).flatMap(([name, schema]) => {
    const kind = kindOf(schema as z.ZodType)
    return kind ? [[name, kind] as const] : []
  })
  return new Map(kinds)
}

function kindOf(schema: z.ZodType): FieldKind | undefined {
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional) return kindOf(schema.unwrap() as z.ZodType)
  const byFormat = BY_FORMAT[String(schema.meta()?.['format'])]
  if (byFormat) return byFormat
  if (schema instanceof z.ZodString || schema instanceof z.ZodEnum) return 'string'
  if (schema instanceof z.ZodBoolean) return 'boolean'
  if (schema instanceof z.ZodNumber) return schema.isInt ? 'integer' : 'number'
  return undefined
}

/** Texts that are compared as something else, by the format that `common.ts` gives them. */
const BY_FORMAT: Partial<Record<string, FieldKind>> = {
  'date-time': 'datetime',
  date: 'date',
  'time-local': 'time',
  decimal: 'decimal',
  uuid: 'uuid',
}

/** A `+` that somebody has not percent-encoded is a space when it arrives, as in what `date -Is` writes. */
const withPlus = (time: unknown) => String(time).replace(/ (?=\d\d:\d\d$)/, '+')

const bool = z.stringbool({ error: 'expected true or false' })
const OPERANDS: Record<FieldKind, z.ZodType> = {
  integer: z
    .string()
    .regex(/^-?\d{1,16}$/, 'expected an integer')
    .transform(Number)
    .refine(Number.isSafeInteger, 'expected an integer'),
  number: z
    .string()
    .max(400)
    .regex(/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i, 'expected a number such as 0.5')
    .transform(Number)
    .refine(Number.isFinite, 'expected a number such as 0.5'),
  decimal: z.string().regex(/^-?\d{1,20}(\.\d{1,10})?$/, 'expected a decimal such as 99.99'),
  datetime: z.preprocess(
    withPlus,
    z
      .union([z.iso.datetime({ offset: true }), z.iso.date()], {
        error: 'expected a time such as 2026-11-23T09:30:00Z',
      })
      .refine(
        (time) => !/^0000|[+-](1[6-9]|2\d):\d\d$/.test(time),
        'expected a year from 1 and an offset below 16 hours',
      ),
  ),
  date: CalendarDate,
  time: TimeOfDay,
  uuid: z.guid('expected a UUID'),
  string: z.string().max(500),
  boolean: bool,
}
const MOST_VALUES = 100

/** What may be compared with a field; with `choices`, one of these in any case of letters, where it is to be the same. */
interface Comparable {
  kind: FieldKind
  choices?: readonly string[] | undefined
}

/** The value to compare with, of the field's type. @throws FilterError */
export function parseOperand({ kind, choices }: Comparable, operator: Operator, operand: string): unknown {
  if (operator === 'isnull') return parse(bool, operand)
  const schema = choices && (operator === 'eq' || operator === 'in') ? oneOf(choices) : OPERANDS[kind]
  if (operator !== 'in') return parse(schema, operand)
  const values = operand.split(',')
  if (values.length > MOST_VALUES) throw new FilterError(`at most ${MOST_VALUES} values`, 'too_many_values')
  return values.map((value) => parse(schema, value))
}

const oneOf = (choices: readonly string[]) =>
  z.string().transform((given, context) => {
    const found = choices.find((choice) => choice === given.toLowerCase())
    if (found === undefined) context.addIssue(`expected one of ${choices.join(', ')}`)
    return found
  })

function parse(schema: z.ZodType, value: string): unknown {
  const { success, data, error } = schema.safeParse(value)
  if (success) return data
  throw new FilterError(error.issues[0]?.message ?? 'not valid', 'invalid_value')
}

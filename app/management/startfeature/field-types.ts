import { Email, Phone, WebAddress } from '../../schemas/identity.ts'
import { CalendarDate, TimeOfDay, TimestampInput } from '../../schemas/common.ts'
import { isPrintable, literal } from './literal.ts'

/** What a field's type comes to, each as code. */
export interface Shape {
  /** Drizzle's column, Zod's schema of a body, and of a reply. */
  column: string
  input: string
  output: string
  /** Two values that a body may have, as a reply shows them, and one that it may not. */
  sample: string
  other: string
  bad: string
  /** A default as code; undefined where the text is none. */
  defaultOf?: (text: string) => string | undefined
  /** Short, and of many values: it can have an index, and be unique. */
  key?: boolean
  /** `?q=` finds it; how many characters it has room for. */
  room?: number
  /** Declared before the table. */
  values?: string[]
}

/** A type in use: its argument (`12,2`), and a constant of its own. @throws FieldFault */
type Read = (argument: string | undefined, constant: string) => Shape

/** What is wrong with a field, as it goes on after its name. */
export class FieldFault extends Error {}

interface FieldType {
  /** With its argument, as people write it. */
  usage: string
  read: Read
}

/** A type without an argument. */
const plain = (usage: string, shape: Shape): FieldType => ({ usage, read: () => shape })

const quotedIf = (fits: (text: string) => boolean) => (text: string) => {
  if (!isPrintable(text) || !fits(text)) return undefined
  return text.includes('\\') ? `sqlText(${literal(text)})` : literal(text)
}
const parsedBy = (schema: { safeParse(value: unknown): { success: boolean } }) =>
  quotedIf((text) => schema.safeParse(text).success)
const within = (least: number, most: number) => (text: string) =>
  /^-?\d+$/.test(text) && Number(text) >= least && Number(text) <= most ? String(Number(text)) : undefined
const INT4 = 2 ** 31

/** A name that could take an index: longer ones do not fit into a page of it. */
const LONGEST_KEY = 500

function string(argument = '255'): Shape {
  const length = within(1, 10_000)(argument)
  if (!length) throw new FieldFault(`expected a length from 1 to 10000, not "${argument}"`)
  const room = Number(length)
  return {
    column: `varchar({ length: ${room} })`,
    input: `text(1, ${room})`,
    output: 'z.string()',
    sample: literal('A-1'.slice(0, room)),
    other: literal('B-2'.slice(0, room)),
    bad: `'x'.repeat(${room + 1})`,
    defaultOf: quotedIf((text) => text.length <= room),
    key: room <= LONGEST_KEY,
    room,
  }
}

function decimal(argument = '12,2'): Shape {
  const [precision = 0, scale = -1] = /^\d+,\d+$/.test(argument) ? argument.split(',').map(Number) : []
  const before = precision - scale
  if (before < 1 || before > 20 || scale < 0 || scale > 10)
    throw new FieldFault(
      'expected decimal:digits,of_them_after_the_point, such as decimal:12,2; at most 20 before and 10 after it',
    )
  const value = (digit: string) => literal(digit + (scale ? `.${'5'.padEnd(scale, '0')}` : ''))
  const fits = new RegExp(`^\\d{1,${before}}${scale ? `(\\.\\d{1,${scale}})?` : ''}$`)
  return {
    column: `numeric({ precision: ${precision}, scale: ${scale} })`,
    input: `decimalInput(${precision}, ${scale})`,
    output: 'Decimal',
    sample: value('1'),
    other: value('2'),
    bad: literal('1'.repeat(before + 1)),
    defaultOf: quotedIf((text) => fits.test(text)),
    key: true,
  }
}

function oneOf(argument = '', constant: string): Shape {
  const values = argument.split('|')
  const isValue = (value: string) => isPrintable(value) && value.length > 0 && value.length <= 50
  if (!values.every(isValue) || new Set(values).size < values.length)
    throw new FieldFault('expected enum:first|second|…, each value once, of 1 to 50 characters')
  const value = (n: number) => `${literal(values[n] ?? values[0] ?? '')} as const`
  return {
    column: `varchar({ length: 50, enum: ${constant} })`,
    input: `z.enum(${constant})`,
    output: `choiceResponse(${constant})`,
    sample: value(0),
    other: value(1),
    bad: '5',
    defaultOf: quotedIf((text) => values.includes(text)),
    values,
  }
}

/** Every type but `ref`: a new one is an entry here. */
export const FIELD_TYPES: Record<string, FieldType> = {
  string: { usage: 'string[:length]', read: string },
  text: plain('text', {
    column: 'text()',
    input: 'text(1, 10_000)',
    output: 'z.string()',
    sample: `'Some words'`,
    other: `'Other words'`,
    bad: `'x'.repeat(10_001)`,
    defaultOf: quotedIf((text) => text.length <= 10_000),
    room: 10_000,
  }),
  integer: plain('integer', {
    column: 'integer()',
    input: 'z.int32()',
    output: 'z.int()',
    sample: '7',
    other: '-8',
    bad: '2_147_483_648',
    defaultOf: within(-INT4, INT4 - 1),
    key: true,
  }),
  bigint: plain('bigint', {
    column: 'bigintNumber()',
    input: 'z.int()',
    output: 'z.int()',
    sample: '9_007_199_254_740_991',
    other: '-8',
    bad: '9_007_199_254_740_992',
    defaultOf: within(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    key: true,
  }),
  decimal: { usage: 'decimal[:digits,after_the_point]', read: decimal },
  float: plain('float', {
    column: 'doublePrecision()',
    input: 'z.number()',
    output: 'z.number()',
    sample: '0.1',
    other: '-2.5',
    bad: `'0.1'`,
    defaultOf: (text) => (/^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? String(Number(text)) : undefined),
    key: true,
  }),
  boolean: plain('boolean', {
    column: 'boolean()',
    input: 'z.boolean()',
    output: 'z.boolean()',
    sample: 'true',
    other: 'false',
    bad: `'yes'`,
    defaultOf: (text) => (/^(true|false)$/.test(text) ? text : undefined),
  }),
  date: plain('date', {
    column: 'date()',
    input: 'CalendarDate',
    output: 'DateResponse',
    sample: `'2026-01-31'`,
    other: `'2028-02-29'`,
    bad: `'2026-02-30'`,
    defaultOf: parsedBy(CalendarDate),
    key: true,
  }),
  datetime: plain('datetime', {
    column: 'timestamptz()',
    input: 'TimestampInput',
    output: 'Timestamp',
    sample: `'2026-01-31T09:30:00.000Z'`,
    other: `'2028-02-29T23:59:59.999Z'`,
    bad: `'2026-02-30T09:30:00Z'`,
    defaultOf: (text) => (text === 'now' ? 'sql`now()`' : parsedBy(TimestampInput)(text)),
    key: true,
  }),
  time: plain('time', {
    column: 'time({ precision: 3 })',
    input: 'TimeOfDay',
    output: 'TimeResponse',
    sample: `'09:30:00'`,
    other: `'23:59:59.999'`,
    bad: `'24:00:00'`,
    defaultOf: parsedBy(TimeOfDay),
    key: true,
  }),
  uuid: plain('uuid', {
    column: 'uuid()',
    input: 'z.uuid()',
    output: 'UuidResponse',
    sample: `'0198b3c4-0000-7000-8000-000000000001'`,
    other: `'0198b3c4-0000-7000-8000-000000000002'`,
    bad: `'0198b3c4'`,
    key: true,
  }),
  json: plain('json', {
    column: 'jsonb().$type<Record<string, unknown>>()',
    input: 'jsonInput()',
    output: 'JsonObject',
    sample: `{ size: ['L', 2] }`,
    other: `{ colour: null }`,
    bad: `['L', 2]`,
  }),
  tags: plain('tags', {
    column: 'jsonb().$type<string[]>()',
    input: 'z.array(text(1, 100)).max(100)',
    output: 'z.array(z.string())',
    sample: `['red', 'blue']`,
    other: `['{"green"}']`,
    bad: `['red', 1]`,
  }),
  email: plain('email', {
    column: 'varchar({ length: 255 })',
    input: 'Email',
    output: 'z.string()',
    sample: `'jane@example.com'`,
    other: `'joe@example.com'`,
    bad: `'jane'`,
    defaultOf: parsedBy(Email),
    key: true,
    room: 255,
  }),
  url: plain('url', {
    column: 'varchar({ length: 2000 })',
    input: 'WebAddress.max(2000)',
    output: 'z.string()',
    sample: `'https://example.com/a?b=c'`,
    other: `'http://example.org/'`,
    bad: `'javascript:alert(1)'`,
    defaultOf: parsedBy(WebAddress.max(2000)),
    room: 2000,
  }),
  phone: plain('phone', {
    column: 'varchar({ length: 50 })',
    input: 'Phone',
    output: 'z.string()',
    sample: `'+49 30 123456'`,
    other: `'(030) 12/34-56'`,
    bad: `'call me'`,
    defaultOf: parsedBy(Phone),
    key: true,
    room: 50,
  }),
  enum: { usage: 'enum:first|second|…', read: oneOf },
}

/** Fields of other tables, by id. */
export const REFERENCE_SHAPE: Shape = {
  column: 'bigintNumber()',
  input: 'Id',
  output: 'Id',
  sample: '',
  other: '',
  bad: '0',
}

export const TYPE_NAMES: readonly string[] = [...Object.keys(FIELD_TYPES), 'ref']

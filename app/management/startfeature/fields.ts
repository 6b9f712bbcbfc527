import { enterpriseModel } from '../../models/base.ts'
import { LIST_PARAMETERS } from '../../schemas/list-query.ts'
import { FIELD_TYPES, FieldFault, REFERENCE_SHAPE, type Shape, TYPE_NAMES } from './field-types.ts'
import { constantOf, snakeCase } from './names.ts'
import { nearest } from './nearest.ts'
import { REFERABLE, type Target } from './referable.ts'
import { CODE_WORDS, SQL_WORDS, SYSTEM_COLUMNS } from './reserved.ts'

/** One field of a feature: `number:string:20:unique`. */
export interface Field {
  name: string
  shape: Shape
  unique: boolean
  optional: boolean
  index: boolean
  /** As code. */
  default?: string
  /** The table whose rows it names. */
  target?: Target
}

const MODIFIERS = ['unique', 'optional', 'index', 'default=…']
const MIXIN_COLUMNS = Object.keys(enterpriseModel())

/**
 * A field as it is written: `name:type[:argument][:modifiers]`, a default last, since it may have colons in it.
 * @throws FieldFault
 */
export function parseField(text: string, one: string): Field {
  const [given = '', type = '', ...rest] = text.split(':')
  const name = snakeCase(given)
  if (!name) throw new FieldFault('expected name:type, a name of the letters a to z, digits and "_"')
  demandFree(name)
  if (type === '') throw new FieldFault(`has no type: ${TYPE_NAMES.join(', ')}`)
  if (!TYPE_NAMES.includes(type))
    throw new FieldFault(`there is no type "${type}"; the nearest are ${nearest(type, TYPE_NAMES).join(', ')}`)
  const takes = type === 'ref' || type === 'enum' || FIELD_TYPES[type]?.usage.includes(':')
  const argument = takes && !isOptionalModifier(type, rest[0]) ? rest.shift() : undefined
  const target = type === 'ref' ? targetOf(argument) : undefined
  const shape = FIELD_TYPES[type]?.read(argument, constantOf(one, name)) ?? REFERENCE_SHAPE
  return { name, shape, target, ...modifiersOf(rest, type, shape) }
}

function demandFree(name: string): void {
  if (MIXIN_COLUMNS.includes(name)) throw new FieldFault('every feature has this column already')
  if (LIST_PARAMETERS.has(name)) throw new FieldFault('is a parameter of every list')
  if (SQL_WORDS.has(name) || SYSTEM_COLUMNS.has(name)) throw new FieldFault('is a word of SQL; take another name')
  if (CODE_WORDS.has(name)) throw new FieldFault('is a word of TypeScript; take another name')
}

/** `string:unique`: the argument of some types may be left out. */
const isOptionalModifier = (type: string, part: string | undefined) =>
  FIELD_TYPES[type]?.usage.includes('[:') &&
  part !== undefined &&
  (MODIFIERS.includes(part) || part.startsWith('default='))

function targetOf(table: string | undefined): Target {
  const target = REFERABLE.get(table ?? '')
  if (target) return target
  const names = [...REFERABLE.keys()]
  throw new FieldFault(
    table
      ? `no record can refer to a table "${table}"; the nearest are ${nearest(table, names).join(', ')}`
      : `expected ref:table, such as ref:companies`,
  )
}

function modifiersOf(parts: string[], type: string, shape: Shape): Omit<Field, 'name' | 'shape'> {
  const at = parts.findIndex((part) => part.startsWith('default='))
  const words = at < 0 ? parts : parts.slice(0, at)
  const unknown = words.find((word) => !MODIFIERS.includes(word))
  if (unknown !== undefined)
    throw new FieldFault(
      `"${unknown}" is no modifier: ${MODIFIERS.join(', ')}, the default last${hintOf(type, unknown)}`,
    )
  const [unique, optional, index] = ['unique', 'optional', 'index'].map((word) => words.includes(word))
  const given = at < 0 ? undefined : parts.slice(at).join(':').slice('default='.length)
  if (new Set(words).size < words.length) throw new FieldFault('has a modifier twice')
  if (unique && index) throw new FieldFault('unique is an index already')
  if ((unique || index) && !shape.key)
    throw new FieldFault(`${type} cannot be ${unique ? 'unique' : 'an index'}${REASONS[type] ?? ''}`)
  if (given !== undefined && (unique || optional))
    throw new FieldFault(`has a default, so it cannot be ${unique ? 'unique' : 'optional'} as well`)
  const value = given === undefined ? undefined : shape.defaultOf?.(given)
  if (given !== undefined && value === undefined) throw new FieldFault(`"${given}" is no default for ${type}`)
  return { unique: unique === true, optional: optional === true, index: index === true, default: value }
}

const hintOf = (type: string, part: string) =>
  /^\d/.test(part) && !FIELD_TYPES[type]?.usage.includes(':') ? `; ${type} takes no argument` : ''

const REASONS: Record<string, string> = {
  ref: ': it has an index already, and one record may be named by many',
  boolean: ': it has two values',
  enum: ': it has a few values',
  string: ' with more than 500 characters',
}

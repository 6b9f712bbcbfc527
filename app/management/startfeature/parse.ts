import { CommandError, UsageError } from '../command-error.ts'
import type { Feature } from './feature.ts'
import { type Field, parseField } from './fields.ts'
import { FieldFault } from './field-types.ts'
import { databaseNames } from './model.ts'
import { featureNames, looksPlural, pluralOf, snakeCase } from './names.ts'
import { CODE_WORDS, SQL_WORDS, TEMPLATE_WORDS } from './reserved.ts'
import { takenNames } from './taken.ts'

/** Longer ones leave no room for the names of keys and indexes. */
const LONGEST_TABLE = 30
/** PostgreSQL cuts off the rest of a name. */
const LONGEST_NAME = 63

/**
 * The feature that arguments describe.
 * @throws UsageError with every fault of them, a line each; CommandError when all that is wrong is that its name is taken
 */
export function parseFeature([name = '', ...fields]: string[], plural: string | undefined, root: string): Feature {
  const one = snakeCase(name)
  const many = plural === undefined ? one && pluralOf(one) : snakeCase(plural)
  const faults = nameFaults(name, one, many, plural)
  const names = one && many ? featureNames(one, many) : undefined
  const taken = names ? takenNames(names, root) : []
  const parsed = fields.flatMap((text) => attempt(text, one ?? '', faults))
  faults.push(...duplicates(parsed), ...tooLong(many ?? '', parsed))
  if (fields.length === 0) faults.push('A feature needs a field: name:type')
  const inTheWay = taken.length ? [`"${name}" is taken: there is ${taken.join(', ')}`] : []
  if (faults.length || !names) throw new UsageError([...faults, ...inTheWay].join('\n'))
  if (inTheWay.length) throw new CommandError(inTheWay.join('\n'))
  return { ...names, fields: parsed }
}

function nameFaults(name: string, one: string | undefined, many: string | undefined, plural: string | undefined) {
  const faults: string[] = []
  if (!one) faults.push(`"${name}" is no name: letters a to z, digits, and "_" or "-" between words`)
  else if (CODE_WORDS.has(one)) faults.push(`"${name}" is a word of TypeScript; take another name`)
  else if (plural === undefined && looksPlural(one))
    faults.push(`"${name}" looks like a plural: give the name of one record, or its plural too, by --plural`)
  if (plural !== undefined) faults.push(...pluralFaults(plural, one, many))
  else if (many && many.length > LONGEST_TABLE)
    faults.push(`"${name}" is too long: the table’s name has at most ${LONGEST_TABLE} characters`)
  return faults
}

function pluralFaults(plural: string, one: string | undefined, many: string | undefined): string[] {
  if (!many) return [`--plural ${plural}: letters a to z, digits, and "_" or "-" between words`]
  if ([SQL_WORDS, CODE_WORDS, TEMPLATE_WORDS].some((words) => words.has(many)))
    return [`--plural ${plural} is a word of SQL, TypeScript or the code of features`]
  if (many.length > LONGEST_TABLE) return [`--plural ${plural} has more than ${LONGEST_TABLE} characters`]
  return many === one ? [`--plural ${plural} is the name itself`] : []
}

function attempt(text: string, one: string, faults: string[]): Field[] {
  try {
    return [parseField(text, one)]
  } catch (error) {
    if (!(error instanceof FieldFault)) throw error
    faults.push(`${text}: ${error.message}`)
    return []
  }
}

function duplicates(fields: Field[]): string[] {
  const names = fields.map(({ name }) => name)
  return [...new Set(names.filter((name, n) => names.indexOf(name) !== n))].map(
    (name) => `${name}: there are two of it`,
  )
}

const tooLong = (table: string, fields: Field[]): string[] =>
  fields
    .filter((field) => databaseNames(table, field).some((name) => name.length > LONGEST_NAME))
    .map(({ name }) => `${name}: too long for the names that PostgreSQL gives with it (${LONGEST_NAME} characters)`)

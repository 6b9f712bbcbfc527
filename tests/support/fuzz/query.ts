import fc from 'fast-check'
import type { Operation, Parameter } from './document.ts'
import type { Values } from './values.ts'

type Pairs = [name: string, value: unknown][]

/** How the document tells of a filter. */
export const FILTER = /^Equal to this (\w+)(?:; also (.*))?/

/** A parameter now and then, and a required one always: a list with all of its filters at once would find nothing. */
export function inQuery(
  parameter: Parameter,
  all: Parameter[],
  operation: Operation,
  values: Values,
): fc.Arbitrary<Pairs> {
  const { name, required, description = '', schema } = parameter
  const [, kind, others] = FILTER.exec(description) ?? []
  const value = kind ? filter(name, kind, others ?? '') : plainParameter(name, all, operation, values, schema)
  if (required) return value.map((pair) => [pair])
  return fc.tuple(chance(all.length > 6 ? 24 : 3), value).map(([isThere, pair]) => (isThere ? [pair] : []))
}

function plainParameter(
  name: string,
  all: Parameter[],
  operation: Operation,
  values: Values,
  schema: Parameter['schema'],
) {
  if (name !== 'sort')
    return (name === 'with_total' || name === 'include_internal' ? fc.boolean() : values.of(schema, name)).map(
      (value): [string, unknown] => [name, value],
    )
  const fields = all.filter(({ description }) => description?.startsWith('Equal')).map((one) => one.name)
  const key = fc
    .tuple(fc.boolean(), fc.constantFrom('id', ...fields))
    .map(([down, field]) => `${down ? '-' : ''}${field}`)
  return fc.array(key, { minLength: 1, maxLength: 3 }).map((keys): [string, unknown] => [name, keys.join(',')])
}

const OPERANDS: Record<string, fc.Arbitrary<string>> = {
  integer: fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: -1, max: 60 }).map(String) },
    { weight: 1, arbitrary: fc.constantFrom('2147483648', '9007199254740991', '-9007199254740991', '-2147483649') },
  ),
  number: fc.constantFrom('0', '0.5', '-1e10', '1e308'),
  decimal: fc.constantFrom('0', '9.99', '-1', '99999999999999999999.9'),
  boolean: fc.constantFrom('true', 'false'),
  datetime: fc.constantFrom(
    '2026-01-01',
    '0001-01-01T00:00:00+15:59',
    '2026-11-23T09:30:00Z',
    '0001-01-01',
    '9999-12-31T23:59:59+15:59',
  ),
  date: fc.constantFrom('2026-01-01', '0001-01-01', '9999-12-31'),
  time: fc.constantFrom('09:30', '23:59:59.999'),
  uuid: fc.uuid(),
  string: fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('a', '%', '_', '\\', 'SECRET', 'products', 'admin')),
}

function filter(name: string, kind: string, others: string): fc.Arbitrary<[string, unknown]> {
  const operators = [...others.matchAll(/`(\w+)`/g)].map(([, found = '']) => found)
  const operand = OPERANDS[kind] ?? fc.string({ maxLength: 8 })
  return fc
    .tuple(fc.constantFrom(name, ...operators), operand, operand, fc.boolean())
    .map(([key, one, two, flag]) => [
      key,
      key.endsWith('__isnull') ? flag : key.endsWith('__in') ? `${one},${two}` : one,
    ])
}

/** True once in so many. */
export const chance = (of: number) => fc.integer({ min: 1, max: of }).map((n) => n === 1)

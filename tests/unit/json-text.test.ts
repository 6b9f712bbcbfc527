import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { jsonExcess } from '../../app/api/http/json-text.ts'

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0

/** Values and keys, the outermost value too; what is in an empty one is none. */
function countOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  const inner = Object.values(value)
  const own = Array.isArray(value) ? 0 : inner.length
  return (inner.length === 0 ? 1 : 0) + own + inner.reduce((sum: number, each) => sum + countOf(each), 0)
}

// Strings of what would count outside of one.
const text = fc.string({ unit: fc.constantFrom('"', '\\', '[', '{', ']', '}', ',', ':', 'a', 'é') })
const json = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 6 }, fc.integer(), text, fc.constant(null), tie('list'), tie('record')),
  list: fc.array(tie('value'), { maxLength: 4 }),
  record: fc.dictionary(text, tie('value'), { maxKeys: 4 }),
})).value

const record = fc.record({ a: json })

describe('what is too much in a JSON text', () => {
  test('is its depth, whatever is in its strings', () => {
    fc.assert(
      fc.property(record, fc.constantFrom(undefined, 2), (value, indent) => {
        const [written, depth] = [JSON.stringify(value, undefined, indent), depthOf(value)]
        expect(jsonExcess(written, { jsonDepth: depth, jsonValues: Infinity })).toBeUndefined()
        expect(jsonExcess(written, { jsonDepth: depth - 1, jsonValues: Infinity })).toBe('json_too_deep')
      }),
    )
  })

  test('is the number of its values and keys', () => {
    fc.assert(
      fc.property(record, (value) => {
        const [written, count] = [JSON.stringify(value), countOf(value)]
        expect(jsonExcess(written, { jsonDepth: 99, jsonValues: count })).toBeUndefined()
        // Lists in lists begin without a comma: they are counted once for what they hold.
        expect(jsonExcess(written, { jsonDepth: 99, jsonValues: count - 1 })).toBe('json_too_many_values')
      }),
    )
  })

  test.for(['', '"', '"\\', '\\"', '[[[', ']]]]', '"\\\\"[[[', '{"a', '}{'])(
    'is not looked for where there is no JSON: %s',
    (broken) => {
      expect(jsonExcess(broken, { jsonDepth: 3, jsonValues: 3 })).toBeUndefined()
    },
  )

  test('is found in text that leads nowhere in one pass', () => {
    const backslashes = `"${'\\'.repeat(1_000_000)}`
    const quotes = `"${'\\"'.repeat(500_000)}`
    expect([backslashes, quotes].map((each) => jsonExcess(each, { jsonDepth: 3, jsonValues: 3 }))).toEqual([
      undefined,
      undefined,
    ])
  })
})

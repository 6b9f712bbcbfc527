import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JsonFault } from '../../app/services/demo-data/json/json-fault.ts'
import { parseJson } from '../../app/services/demo-data/json/json-parse.ts'
import { type JsonPiece, JsonSplitter } from '../../app/services/demo-data/json/json-splitter.ts'

/** What a file says, put together again from its pieces. */
function pieces(bytes: Buffer, size: number, skips: (name: string) => boolean = () => false) {
  const splitter = new JsonSplitter(skips)
  const found: JsonPiece[] = []
  for (let at = 0; at < bytes.length; at += size) found.push(...splitter.push(bytes.subarray(at, at + size)))
  splitter.finish()
  return { found, lists: splitter.lists }
}

function read(bytes: Buffer, size: number): Map<string, unknown> {
  const { found, lists } = pieces(bytes, size)
  const members = new Map<string, unknown>([...lists.keys()].map((name) => [name, []]))
  for (const { name, index, offset, bytes: part } of found) {
    const list = members.get(name)
    if (index === undefined) members.set(name, parseJson(part, offset))
    else if (Array.isArray(list)) list[index] = parseJson(part, offset)
  }
  return members
}

/** Where and why a text is refused. */
function faultOf(text: string | Buffer, cut = 7): string {
  try {
    read(Buffer.from(text), cut)
  } catch (error) {
    if (error instanceof JsonFault) return `${error.offset}: ${error.message}`
    throw error
  }
  return 'none'
}

const file = fc.dictionary(
  fc.string({ unit: 'binary' }),
  fc.oneof(fc.array(fc.jsonValue({ maxDepth: 4 })), fc.jsonValue()),
)
const printed = fc
  .tuple(file, fc.integer({ min: 0, max: 3 }))
  .map(([value, indent]) => JSON.stringify(value, null, indent))
const size = fc.integer({ min: 1, max: 50 })

/** The object that a text is, undefined for anything else. */
function objectIn(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && !Array.isArray(value) ? (value ?? undefined) : undefined
  } catch {
    return undefined
  }
}

describe('a file in pieces', () => {
  test('says what it says as a whole, wherever it is cut', () => {
    fc.assert(
      fc.property(printed, size, (text, cut) => {
        expect(Object.fromEntries(read(Buffer.from(text), cut))).toEqual(JSON.parse(text))
      }),
    )
  })

  test('with something wrong is refused exactly when JSON.parse refuses it', () => {
    const at = fc.double({ min: 0, max: 1, noNaN: true })
    const put = fc.constantFrom('', ...'{ } [ ] " , : \\ 0 - . e u t \n \u0001'.split(' '), ' ')
    fc.assert(
      fc.property(printed, at, fc.nat(3), put, size, (text, place, gone, more, cut) => {
        const start = Math.floor(place * text.length)
        const damaged = (text.slice(0, start) + more + text.slice(start + gone)).toWellFormed()
        const fault = faultOf(damaged, cut)
        fc.pre(!/second time|cannot be kept exactly/.test(fault)) // which JSON.parse lets pass
        expect(fault === 'none' ? Object.fromEntries(read(Buffer.from(damaged), cut)) : undefined).toEqual(
          objectIn(damaged),
        )
      }),
      { numRuns: 1000 },
    )
  })

  test('has its lists counted and found again', () => {
    const text = Buffer.from('{"a": [1, {"b": [2]}, "]"] , "none":[ ], "c": {"a": [0]}}')
    const { found, lists } = pieces(text, 5, (name) => name === 'a')
    expect(found.map(({ name }) => name)).toEqual(['c'])
    const list = lists.get('a') ?? { count: 0, begin: 0, end: 0 }
    expect([list.count, lists.get('none')?.count]).toEqual([3, 0])
    const items = JsonSplitter.ofList('a', list).push(text.subarray(list.begin, list.end))
    expect(items.map(({ index, bytes }) => [index, bytes.toString()])).toEqual([
      [0, '1'],
      [1, '{"b": [2]}'],
      [2, '"]"'],
    ])
  })
})

describe('a file that cannot be taken apart', () => {
  test.for([
    ['', '0: not JSON: expected "{", the file ends'],
    ['hello', '0: not JSON: expected "{", found "h"'],
    ['[]', '0: expected an object with a list per section'],
    ['{"a": [}', '7: not JSON: expected a value, or "]", found "}"'],
    ['{"a": [1,]}', '9: not JSON: expected a value, found "]"'],
    ['{"a": [1 2]}', '9: not JSON: expected "," or "]", found "2"'],
    ['{"a": [{"b": 1,}]}', '15: not JSON: expected a name in quotes, found "}"'],
    ['{"a": [{"b" 1}]}', '12: not JSON: expected ":", found "1"'],
    ['{"a": [{"b": [1}]}', '15: not JSON: unexpected "}"'],
    ['{"a": [{"b": tru}]}', '13: not JSON: expected a value, found "t"'],
    ['{"a": [{"b": 01}]}', '13: not JSON: expected a value, found "0"'],
    ['{"a": ["é\\x"]}', '10: not JSON: unknown escape sequence'],
    ['{"a": ["b\n"]}', '9: not JSON: a text with a control character, or that is not closed'],
    ['{"a": [1]', '9: not JSON: expected "," or "}", the file ends'],
    ['{"a": ["b', '9: not JSON: expected a value, or "]", the file ends'],
    ['{"a": []} x', '10: not JSON: expected nothing more, found "x"'],
    ['{"a": []}{}', '9: not JSON: expected nothing more, found "{"'],
    ['{"a": [], "a": []}', '10: "a" is there for the second time'],
    ['{a: []}', '1: not JSON: expected a name in quotes, or "}", found "a"'],
    ["{'a': []}", '1: not JSON: expected a name in quotes, or "}", found "\'"'],
    ['{1: []}', '1: not JSON: expected a name in quotes'],
    [Buffer.from('{"a": ["\xff"]}', 'latin1'), '7: a text that is not UTF-8'],
    [`{"a": [${'['.repeat(100_000)}`, '71: more than 64 levels'],
  ] as const)('%j: %s', ([text, fault]) => {
    expect(faultOf(text)).toBe(fault)
  })

  test('has an item of more than 16 MB', () => {
    const splitter = new JsonSplitter(() => true)
    const chunk = Buffer.alloc(1024 * 1024, 'x')
    splitter.push(Buffer.from('{"a": ["'))
    for (let megabytes = 0; megabytes < 15; megabytes++) splitter.push(chunk)
    expect(() => splitter.push(chunk)).toThrow('a value of more than 16 MB')
  })
})

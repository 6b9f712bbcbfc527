import { isUtf8 } from 'node:buffer'
import { JsonFault, notJson } from './json-fault.ts'

/** `JSON.parse` of a part of a file. @throws JsonFault with the place in the file */
export function parseJson(bytes: Buffer, offset: number): unknown {
  if (!isUtf8(bytes)) throw new JsonFault('a text that is not UTF-8', offset)
  const text = bytes.toString()
  try {
    return DOUBTFUL.test(text) ? JSON.parse(text, exact) : JSON.parse(text)
  } catch (error) {
    // JSON.parse tells the place of some faults only.
    if (error instanceof Inexact) throw new JsonFault(error.message, offset)
    if (!(error instanceof SyntaxError)) throw error
    const { at, message } = syntaxFault(text)
    throw notJson(message, offset + Buffer.byteLength(text.slice(0, at)))
  }
}

// What may be a number of more digits than one has, too large or small for one, or -0, which PostgreSQL does not have.
const DOUBTFUL = /[[:,\s](?:-0|-?(?:[\d.]{16,}|[\d.]+[eE][-+]?\d{3}))/

class Inexact extends Error {}

/** A reviver for `JSON.parse` that lets no number pass which would come out as another one. */
function exact(_: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source
  if (typeof value === 'number' && source && digitsOf(source) !== digitsOf(String(value)))
    throw new Inexact(`a number that cannot be kept exactly, ${source.slice(0, 40)}: write it as a text`)
  return Object.is(value, -0) ? 0 : value
}

const digitsOf = (number: string) =>
  number
    .replace(/e.*/i, '')
    .replaceAll(/[-.]/g, '')
    .replaceAll(/^0+|0+$/g, '')

const SPACE = /[ \t\n\r]*/y
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null)(?![\w.+-])/y
const TEXT = /"[^"\\]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\]*)*/y

class Expected extends Error {}

/** Where a text that is no JSON value stops being one. */
function syntaxFault(text: string): { at: number; message: string } {
  let at = 0
  const match = (pattern: RegExp) => {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    at += found?.[0].length ?? 0
    return found !== null
  }
  const mark = (character: string) => {
    match(SPACE)
    if (text[at] !== character) return false
    at++
    return true
  }
  const fail = (what: string): never => {
    match(SPACE)
    throw new Expected(at < text.length ? `expected ${what}, found ${JSON.stringify(text[at])}` : `expected ${what}`)
  }
  const string = () => {
    if (!match(TEXT)) fail('a name in quotes')
    if (text[at] !== '"') throw new Expected('unknown escape sequence')
    at++
  }
  const list = (close: string, item: () => void) => {
    if (mark(close)) return
    do {
      match(SPACE)
      item()
    } while (mark(','))
    if (!mark(close)) fail(`"," or "${close}"`)
  }
  const member = () => {
    string()
    if (!mark(':')) fail('":"')
    value()
  }
  const value = () => {
    match(SPACE)
    if (text[at] === '"') string()
    else if (mark('{')) list('}', member)
    else if (mark('[')) list(']', value)
    else if (!match(SCALAR)) fail('a value')
  }
  try {
    value()
    return { at, message: 'expected nothing more' }
  } catch (error) {
    if (error instanceof Expected) return { at, message: error.message }
    throw error
  }
}

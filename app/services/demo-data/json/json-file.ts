import { type FileHandle, open } from 'node:fs/promises'
import { DemoDataError } from '../demo-data-error.ts'
import { JsonFault } from './json-fault.ts'
import { parseJson } from './json-parse.ts'
import { type JsonList, type JsonPiece, JsonSplitter } from './json-splitter.ts'

/** A JSON object of lists, in a file that may be larger than memory. */
export interface JsonFile {
  path: string
  /** Changes when the file does. */
  state: string
  /** Every member; of a streamed list no items. */
  members: ReadonlyMap<string, unknown>
  lists: ReadonlyMap<string, JsonList>
}

/** An item of a list, as `JSON.parse` has it. */
export interface JsonItem {
  index: number
  value: unknown
}

/** What is read at once, in bytes. */
const CHUNK = 512 * 1024
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf]

/**
 * Reads a file but for the items of the streamed lists, which it counts.
 * @throws DemoDataError for what is no such file, with line and column
 */
export async function readJsonFile(path: string, isStreamed: (name: string) => boolean): Promise<JsonFile> {
  try {
    await using file = await open(path)
    const state = await stateOf(path, file)
    const splitter = new JsonSplitter(isStreamed)
    const members = new Map<string, unknown>()
    for await (const pieces of cut(file, splitter)) for (const piece of pieces) put(members, piece)
    splitter.finish()
    for (const name of splitter.lists.keys()) if (!members.has(name)) members.set(name, [])
    return { path, state, members, lists: splitter.lists }
  } catch (error) {
    throw await explained(path, error)
  }
}

/** The items of a streamed list, some at a time. @throws DemoDataError for one that is not JSON */
export async function* itemsOf({ path, state, lists }: JsonFile, name: string): AsyncGenerator<JsonItem[]> {
  const list = lists.get(name)
  if (!list || list.count === 0) return
  try {
    await using file = await open(path)
    if ((await stateOf(path, file)) !== state) throw new DemoDataError([`${path}: was changed while it was read`])
    for await (const pieces of cut(file, JsonSplitter.ofList(name, list), list))
      yield pieces.map(({ index = 0, offset, bytes }) => ({ index, value: parseJson(bytes, offset) }))
  } catch (error) {
    throw await explained(path, error)
  }
}

async function stateOf(path: string, file: FileHandle): Promise<string> {
  const stat = await file.stat()
  // It is read more than once.
  if (!stat.isFile()) throw new DemoDataError([`${path}: not a file, but a folder or a pipe`])
  return `${stat.dev}/${stat.ino}/${stat.size}/${stat.mtimeMs}`
}

async function* cut(file: FileHandle, splitter: JsonSplitter, part?: JsonList): AsyncGenerator<JsonPiece[]> {
  const range = part && { start: part.begin, end: part.end - 1 }
  let isFirst = !part
  for await (const chunk of file.createReadStream({ ...range, highWaterMark: CHUNK, autoClose: false })) {
    const hasMark = isFirst && BYTE_ORDER_MARK.every((byte, at) => chunk[at] === byte)
    isFirst = false
    yield splitter.push(hasMark ? chunk.fill(' ', 0, 3) : chunk)
  }
}

function put(members: Map<string, unknown>, { name, index, offset, bytes }: JsonPiece): void {
  const value = parseJson(bytes, offset)
  const list = members.get(name)
  if (index === undefined) members.set(name, value)
  else if (index > 0 && Array.isArray(list)) list.push(value)
  else members.set(name, [value])
}

async function explained(path: string, error: unknown): Promise<unknown> {
  if (error instanceof JsonFault)
    return new DemoDataError([`${path}: ${error.message} (${await lineAndColumn(path, error.offset)})`])
  if (!(error instanceof Error && 'code' in error)) return error
  return new DemoDataError([error.code === 'ENOENT' ? `${path}: no such file` : `${path}: ${error.message}`])
}

/** Line and column, in characters, as editors count them. */
async function lineAndColumn(path: string, offset: number): Promise<string> {
  let [line, column] = [1, 1]
  await using file = await open(path)
  for await (const chunk of offset > 0 ? file.createReadStream({ end: offset - 1, autoClose: false }) : [])
    for (const byte of chunk) {
      if (byte === 0x0a) [line, column] = [line + 1, 1]
      else if ((byte & 0xc0) !== 0x80) column++ // else it goes on with a character
    }
  return `line ${line}, column ${column}`
}

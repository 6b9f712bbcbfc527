import { JsonFault, notJson } from './json-fault.ts'
import { parseJson } from './json-parse.ts'
import { JsonValueEnd } from './json-value-end.ts'

/** A value of the file: a member of its object or, if that is a list, one item of it. */
export interface JsonPiece {
  /** The member's name. */
  name: string
  /** The item's; undefined for a member that is no list. */
  index: number | undefined
  /** Where it begins, in bytes from the start of the file. */
  offset: number
  bytes: Buffer
}

/** A list of the file: how many items it has, and which bytes of the file they are. */
export interface JsonList {
  count: number
  begin: number
  end: number
}

type Place =
  | 'start'
  | 'firstName'
  | 'name'
  | 'colon'
  | 'member'
  | 'firstItem'
  | 'item'
  | 'afterItem'
  | 'afterMember'
  | 'end'

/** What may come at each place, and the place behind it. */
const GRAMMAR: Record<Place, { expected: string; marks: Record<string, Place>; value?: Place }> = {
  start: { expected: '"{"', marks: { '{': 'firstName' } },
  firstName: { expected: 'a name in quotes, or "}"', marks: { '}': 'end' }, value: 'colon' },
  name: { expected: 'a name in quotes', marks: {}, value: 'colon' },
  colon: { expected: '":"', marks: { ':': 'member' } },
  member: { expected: 'a value', marks: { '[': 'firstItem' }, value: 'afterMember' },
  firstItem: { expected: 'a value, or "]"', marks: { ']': 'afterMember' }, value: 'afterItem' },
  item: { expected: 'a value', marks: {}, value: 'afterItem' },
  afterItem: { expected: '"," or "]"', marks: { ',': 'item', ']': 'afterMember' } },
  afterMember: { expected: '"," or "}"', marks: { ',': 'name', '}': 'end' } },
  end: { expected: 'nothing more', marks: {} },
}
const SPACES = ' \t\n\r'
const FIRST_OF_VALUE = /["{[\-\dtfn]/

/**
 * Cuts a JSON object of lists into the lists' items, however large it is: fed chunk by chunk, it keeps no more than the
 * item under way. What the items themselves are is for `JSON.parse` to say.
 * @throws JsonFault for what is no such file
 */
export class JsonSplitter {
  /** The lists so far, by name. */
  readonly lists = new Map<string, JsonList>()
  readonly #skips: (name: string) => boolean
  readonly #value = new JsonValueEnd()
  readonly #names = new Set<string>()
  #place: Place = 'start'
  #name = ''
  #list: JsonList | undefined
  /** Of the next chunk. */
  #offset = 0
  /** Of the value under way, and what earlier chunks had of it. */
  #began: number | undefined
  #parts: Buffer[] = []

  /** @param skips names of the lists whose items are counted and not handed out */
  constructor(skips: (name: string) => boolean) {
    this.#skips = skips
  }

  /** For a list that was found before: to be fed with its bytes. */
  static ofList(name: string, { begin }: JsonList): JsonSplitter {
    const splitter = new JsonSplitter(() => false)
    splitter.#name = name
    splitter.#list = { count: 0, begin, end: begin }
    splitter.#offset = begin
    splitter.#place = 'firstItem'
    return splitter
  }

  /** @returns the pieces that end in this chunk. They may share its memory. */
  push(chunk: Buffer): JsonPiece[] {
    const pieces: JsonPiece[] = []
    for (let at = 0; at < chunk.length;) {
      if (this.#began === undefined) at = this.#mark(chunk, at)
      if (this.#began !== undefined) at = this.#goOn(chunk, at, pieces)
    }
    this.#offset += chunk.length
    return pieces
  }

  /** Says that the file ends here. */
  finish(): void {
    if (this.#place !== 'end') this.#unexpected('the file ends', this.#offset)
  }

  /** @returns the index of what is to be looked at next: the value that begins here, or what is behind a mark or a space */
  #mark(chunk: Buffer, at: number): number {
    const character = String.fromCharCode(chunk[at] ?? 0)
    if (SPACES.includes(character)) return at + 1
    const offset = this.#offset + at
    const { marks, value } = GRAMMAR[this.#place]
    const next = marks[character]
    if (!next) {
      const isValue = FIRST_OF_VALUE.test(character)
      if (isValue && this.#place === 'start') throw new JsonFault('expected an object with a list per section', offset)
      if (!value || !isValue) this.#unexpected(`found ${JSON.stringify(character)}`, offset)
      this.#began = offset
      return at
    }
    if (character === '[') this.#list = { count: 0, begin: offset + 1, end: offset + 1 }
    if (character === ']' && this.#list) {
      this.lists.set(this.#name, { ...this.#list, end: offset })
      this.#list = undefined
    }
    this.#place = next
    return at + 1
  }

  /** Takes the value under way as far as this chunk has it. @returns the index behind that */
  #goOn(chunk: Buffer, from: number, pieces: JsonPiece[]): number {
    const end = this.#value.find(chunk, from, this.#offset)
    const skipped = this.#list !== undefined && this.#skips(this.#name)
    if (!skipped) this.#parts.push(chunk.subarray(from, end === -1 ? chunk.length : end))
    if (end === -1) return chunk.length
    const [first = Buffer.alloc(0), ...more] = this.#parts
    this.#close(more.length > 0 ? Buffer.concat(this.#parts) : first, skipped, pieces)
    this.#parts = []
    this.#began = undefined
    return end
  }

  #close(bytes: Buffer, skipped: boolean, pieces: JsonPiece[]): void {
    const offset = this.#began ?? 0
    const place = this.#place
    this.#place = GRAMMAR[place].value ?? place
    if (place === 'name' || place === 'firstName') return this.#enter(bytes, offset)
    if (!skipped) pieces.push({ name: this.#name, index: this.#list?.count, offset, bytes })
    if (this.#list) this.#list.count++
  }

  #enter(bytes: Buffer, offset: number): void {
    const name = bytes[0] === 0x22 ? parseJson(bytes, offset) : undefined
    if (typeof name !== 'string') throw notJson('expected a name in quotes', offset)
    if (this.#names.has(name)) throw new JsonFault(`${JSON.stringify(name)} is there for the second time`, offset)
    this.#names.add(name)
    this.#name = name
  }

  #unexpected(found: string, offset: number): never {
    throw notJson(`expected ${GRAMMAR[this.#place].expected}, ${found}`, offset)
  }
}

import { JsonFault, notJson } from './json-fault.ts'

// PostgreSQL and every reader of an item would run out of stack long after this; what requests can store has 50 levels.
const DEEPEST = 64
const LARGEST = 16 * 1024 * 1024

const QUOTE = 0x22
const BACKSLASH = 0x5c
const SPACE = 0x20
const CLOSED_BY: Record<number, number> = { 0x5b: 0x5d, 0x7b: 0x7d } // [ ] { }
const ENDS_SCALAR: ReadonlySet<number> = new Set(Buffer.from(',]}: \t\n\r"[{'))

/**
 * Finds where a JSON value ends, chunk by chunk. It looks at strings and brackets alone, which is several times faster than
 * reading the value; whether it is JSON is for `JSON.parse` to say.
 */
export class JsonValueEnd {
  readonly #closing: number[] = []
  #inText = false
  #escaped = false
  #scalar = false
  #size = 0

  /**
   * @param offset of the chunk's first byte in the file
   * @returns the index behind the value's last byte, or -1 when it goes on in the next chunk
   * @throws JsonFault for brackets that do not match, a value of more than 16 MB, or more than 64 levels
   */
  find(chunk: Uint8Array, from: number, offset: number): number {
    const end = this.#scalar ? this.#endOfScalar(chunk, from) : this.#end(chunk, from, offset)
    this.#size += (end === -1 ? chunk.length : end) - from
    if (this.#size > LARGEST) throw new JsonFault('a value of more than 16 MB', offset + from)
    if (end !== -1) this.#size = 0
    return end
  }

  #end(chunk: Uint8Array, from: number, offset: number): number {
    for (let at = from; at < chunk.length; at++) {
      if (this.#inText) {
        at = this.#endOfText(chunk, at, offset)
        if (at === -1) return -1
        if (this.#closing.length === 0) return at + 1
        continue
      }
      const byte = chunk[at] ?? 0
      if (byte === QUOTE) this.#inText = true
      else if (byte === 0x7b || byte === 0x5b) this.#open(byte, offset + at)
      else if (byte === 0x7d || byte === 0x5d) {
        if (this.#closing.pop() !== byte) throw notJson(`unexpected "${String.fromCharCode(byte)}"`, offset + at)
        if (this.#closing.length === 0) return at + 1
      } else if (this.#closing.length === 0) {
        this.#scalar = true
        return this.#endOfScalar(chunk, at)
      }
    }
    return -1
  }

  #open(byte: number, offset: number): void {
    this.#closing.push(CLOSED_BY[byte] ?? 0)
    if (this.#closing.length > DEEPEST) throw new JsonFault(`more than ${DEEPEST} levels`, offset)
  }

  /** @returns the index of the closing quote, or -1 */
  #endOfText(chunk: Uint8Array, from: number, offset: number): number {
    let escaped = this.#escaped
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0
      // Found here, a quote that is missing is reported in its own line.
      if (byte < SPACE) throw notJson('a text with a control character, or that is not closed', offset + at)
      if (escaped) escaped = false
      else if (byte === BACKSLASH) escaped = true
      else if (byte === QUOTE) {
        this.#inText = this.#escaped = false
        return at
      }
    }
    this.#escaped = escaped
    return -1
  }

  #endOfScalar(chunk: Uint8Array, from: number): number {
    for (let at = from; at < chunk.length; at++)
      if (ENDS_SCALAR.has(chunk[at] ?? 0)) {
        this.#scalar = false
        return at
      }
    return -1
  }
}

/** Why a file cannot be taken apart, and where. */
export class JsonFault extends Error {
  /** In bytes from the start of the file. */
  readonly offset: number
  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

/** The fault of a text that is not JSON. */
export const notJson = (what: string, offset: number): JsonFault => new JsonFault(`not JSON: ${what}`, offset)

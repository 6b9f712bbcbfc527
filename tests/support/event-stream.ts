import { setTimeout as deadline } from 'node:timers/promises'

/** A stream of Server-Sent Events, block by block. */
export class EventStream {
  readonly #reader: ReadableStreamDefaultReader<string>
  #unread = ''

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader()
  }

  /** The next block's fields; a comment is `''`. Undefined at the end. */
  async next(): Promise<Record<string, string> | undefined> {
    for (;;) {
      const end = this.#unread.indexOf('\n\n')
      if (end >= 0) {
        const lines = this.#unread.slice(0, end).split('\n')
        this.#unread = this.#unread.slice(end + 2)
        return Object.fromEntries(
          lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
        )
      }
      const late = deadline(10_000, { done: true, value: undefined } as const, { ref: false })
      const { done, value } = await Promise.race([this.#reader.read(), late])
      if (done) return undefined
      this.#unread += value
    }
  }
}

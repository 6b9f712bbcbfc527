// The little of PostgreSQL's protocol that sharing a database needs.
// https://www.postgresql.org/docs/current/protocol-message-formats.html

const PROTOCOL = 3
const TERMINATE = 'X'.charCodeAt(0)
const START_UP = 0 // has no type; the first byte of its length is 0

/** What a client sends, message by message, until it says goodbye or goes away. */
export async function* clientMessages(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let received = Buffer.alloc(0)
  let started = false
  for await (const chunk of chunks) {
    received = Buffer.concat([received, chunk])
    for (let size; (size = firstSize(received, started)) <= received.length; received = received.subarray(size)) {
      // A start may also ask for encryption or for another client's statement to be cancelled: neither exists here.
      if (started ? received[0] === TERMINATE : received.readUInt16BE(4) !== PROTOCOL) return
      yield received.subarray(0, size)
      started = true
    }
  }
}

/** Type (but for the first message), length, body: the length counts itself and the body. */
function firstSize(received: Buffer, started: boolean): number {
  const typeSize = started ? 1 : 0
  return received.length < typeSize + 4 ? Infinity : typeSize + received.readUInt32BE(typeSize)
}

const COMPLETE = new Set(['Q', 'S'].map((type) => type.charCodeAt(0)).concat(START_UP))

/** Whether PostgreSQL is ready for another unit of work after this message: start-up, simple query, sync. */
export const isComplete = (message: Buffer): boolean => COMPLETE.has(message[0] ?? START_UP)

/** An error as a server sends it that then closes the connection. */
export function errorResponse(error: unknown): Buffer {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'XX000'
  const text = error instanceof Error ? error.message : String(error)
  const fields = Buffer.from(`SFATAL\0C${code}\0M${text}\0\0`)
  const head = Buffer.from('E\0\0\0\0')
  head.writeUInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}

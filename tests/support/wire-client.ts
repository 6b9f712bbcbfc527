import { once } from 'node:events'
import { type Socket, connect } from 'node:net'
import { socketPath } from '../../app/db/socket.ts'

// A client that speaks PostgreSQL's protocol message by message, and so can stop where no driver would.
// https://www.postgresql.org/docs/current/protocol-message-formats.html

const text = (...parts: string[]) => Buffer.from(parts.map((part) => `${part}\0`).join(''))
const message = (type: string, body: Buffer) => {
  const head = Buffer.alloc(type.length + 4)
  head.write(type)
  head.writeInt32BE(body.length + 4, type.length)
  return Buffer.concat([head, body])
}

/** Messages of the simple and the extended protocol. */
export const wire = {
  startup: message('', Buffer.concat([Buffer.from([0, 3, 0, 0]), text('user', 'postgres'), Buffer.from([0])])),
  query: (sql: string) => message('Q', text(sql)),
  parse: (sql: string) => message('P', Buffer.concat([text('', sql), Buffer.from([0, 0])])),
  bind: message('B', Buffer.concat([text('', ''), Buffer.alloc(6)])),
  execute: message('E', Buffer.concat([text(''), Buffer.alloc(4)])),
  sync: message('S', Buffer.alloc(0)),
}

export class WireClient {
  readonly #socket: Socket
  #received = ''

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('error', () => {}) // cut off: `closed` tells
    socket.on('data', (data) => (this.#received += data.toString('latin1')))
  }

  static async connect(folder: string): Promise<WireClient> {
    const socket = connect(socketPath(folder).file)
    await once(socket, 'connect')
    const client = new WireClient(socket)
    client.send(wire.startup)
    await client.receives('Z\0\0\0\x05')
    return client
  }

  send(...messages: Buffer[]): void {
    this.#socket.write(Buffer.concat(messages))
  }

  /** Resolves once `part` has come, and takes everything up to its end. */
  async receives(part: string): Promise<string> {
    for (;;) {
      const at = this.#received.indexOf(part)
      if (at >= 0) {
        const taken = this.#received.slice(0, at + part.length)
        this.#received = this.#received.slice(at + part.length)
        return taken
      }
      await once(this.#socket, 'data', { signal: AbortSignal.timeout(60_000) })
    }
  }

  /** Goes away without a word, as a killed process does. */
  async vanish(): Promise<void> {
    if (this.#socket.destroyed) return
    const closed = once(this.#socket, 'close')
    this.#socket.destroy()
    await closed
  }
}

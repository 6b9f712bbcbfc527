import { once } from 'node:events'
import { type AddressInfo, type Socket, connect, createServer } from 'node:net'

/** A way to a server that can be closed and opened again, as when a network or the server goes away and comes back. */
export class Proxy {
  readonly #target: { host: string; port: number }
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer((socket) => {
    const onward = connect(this.#target)
    for (const [side, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      this.#sockets.add(side)
      // A reset ends no pipe: the other side would wait for ever.
      side.on('error', () => other.destroy()).on('close', () => this.#sockets.delete(side))
    }
    socket.pipe(onward).pipe(socket)
  })
  /** Stays the same from one opening to the next. */
  port = 0

  constructor(target: { host: string; port: number }) {
    this.#target = target
  }

  async open(): Promise<void> {
    this.#server.listen(this.port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.port = (this.#server.address() as AddressInfo).port
  }

  /** Cuts every connection and takes no new one. */
  async close(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}

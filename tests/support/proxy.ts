import { once } from 'node:events'
import { type AddressInfo, type Socket, connect, createServer } from 'node:net'

/** A connection through the proxy: how it began, and whether anything still gets through. */
interface Way {
  begin: string
  isHole: boolean
  cut: () => void
}

/** When a connection is cut at something that is said on it: before it gets through, or before its answer does. */
export type Cut = 'unsent' | 'unanswered'

/** A way to a server that can be closed and opened again, as when a network or the server goes away and comes back. */
export class Proxy {
  readonly #target: { host: string; port: number }
  readonly #sockets = new Set<Socket>()
  readonly #ways = new Set<Way>()
  readonly #server = createServer((socket) => {
    const onward = connect(this.#target).setNoDelay() // else small messages wait for each other, 40 ms
    socket.setNoDelay()
    const cut = () => [socket, onward].forEach((side) => side.destroy())
    const way: Way = { begin: '', isHole: false, cut }
    this.#ways.add(way)
    socket.on('data', (sent) => (way.begin += way.begin.length < 2000 ? String(sent) : ''))
    for (const [side, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      this.#sockets.add(side)
      // A reset ends nothing by itself: the other side would wait for ever.
      side.on('error', () => other.destroy()).on('close', () => this.#sockets.delete(side))
      side
        .on('data', (sent) => way.isHole || this.#pass(way, sent, other, side === socket))
        .on('end', () => way.isHole || other.end())
    }
    socket.on('close', () => this.#ways.delete(way))
  })
  #cutAt: { text: string; when: Cut } | undefined
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

  /**
   * Makes black holes of the connections that began with this text: nothing gets through any more, either way, and
   * neither side is told.
   * @returns how many
   */
  swallow(text: string): number {
    const found = [...this.#ways].filter((way) => !way.isHole && way.begin.includes(text))
    for (const way of found) way.isHole = true
    return found.length
  }

  /** Cuts the next connection on which a client says this text. */
  cutAt(text: string, when: Cut): void {
    this.#cutAt = { text, when }
  }

  /** Cuts every connection and takes no new one. */
  async close(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #pass(way: Way, sent: Buffer | string, to: Socket, isFromClient: boolean): void {
    const { text, when } = this.#cutAt ?? {}
    if (isFromClient && text !== undefined && sent.includes(text)) {
      this.#cutAt = undefined
      if (when === 'unsent') return way.cut()
      way.isHole = true // the answer gets no further
      to.once('data', way.cut)
    }
    to.write(sent)
  }
}

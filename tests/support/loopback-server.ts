import { once } from 'node:events'
import { type RequestListener, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An HTTP server on this machine that can go away and come back at the same address. */
export class LoopbackServer {
  readonly #server = createServer((request, response) => this.#answer(request, response))
  #answer: RequestListener = (_request, response) => response.writeHead(503).end()
  #port = 0

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  answerWith(answer: RequestListener): void {
    this.#answer = answer
  }

  async open(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }
}

import { once } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocket } from 'ws'
import type { App } from '../../app/api/http/type-provider.ts'

export interface Told {
  type: string
  data: Record<string, unknown>
  timestamp: string
  id: number | null
}

// For machines that do much else at the same time.
const PATIENCE_MS = 60_000

/** A WebSocket client that remembers what it is told. */
export class Listener {
  readonly socket: WebSocket
  /** What it was told and nobody has asked for yet; who comes and goes apart, as others of a test do so at any time. */
  readonly told: Told[] = []
  readonly presence: Told[] = []
  readonly #closed: Promise<{ code: number; reason: string }>

  constructor(socket: WebSocket) {
    this.socket = socket
    this.#closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }))
    })
    socket.on('error', () => {}) // followed by `close`
    socket.on('message', (text: Buffer) => {
      const told = JSON.parse(text.toString()) as Told
      this.#listOf(told.type).push(told)
    })
  }

  /** Waits for something of a type, or of any, and takes it and what came before it off the list. */
  async hear(type?: string): Promise<Told> {
    const signal = AbortSignal.timeout(PATIENCE_MS)
    for (;;) {
      const list = this.#listOf(type)
      const at = list.findIndex((told) => type === undefined || told.type === type)
      const [found] = at < 0 ? [] : list.splice(0, at + 1).slice(-1)
      if (found) return found
      await once(this.socket, 'message', { signal }).catch(() => {
        throw new Error(`Not told: ${type ?? 'anything'}; state ${this.socket.readyState}`)
      })
    }
  }

  #listOf = (type?: string) => (type?.startsWith('user:') ? this.presence : this.told)

  say(message: object | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  closed(): Promise<{ code: number; reason: string }> {
    return this.#closed
  }

  /** Whatever was sent before this has been answered after it: no event is under way any more. */
  async echo(): Promise<Told[]> {
    this.say({ type: 'ping' })
    const signal = AbortSignal.timeout(PATIENCE_MS)
    for (;;) {
      const at = this.told.findIndex(({ type }) => type === 'pong')
      if (at >= 0) return this.told.splice(0, at + 1).slice(0, -1)
      await once(this.socket, 'message', { signal })
    }
  }
}

export interface Dialled {
  /** Instead of the subprotocol. */
  query?: string
  token?: string | undefined
  headers?: Record<string, string>
  /** Whether it answers pings, as every client does by itself. */
  autoPong?: boolean
  url: string
}

/** Opens a connection. @throws Error with the status when it is refused */
export async function dial({ url, token, query = '', headers = {}, autoPong = true }: Dialled): Promise<Listener> {
  const protocols = token === undefined ? [] : ['bearer', token]
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/ws${query}`, protocols, { headers, autoPong })
  const listener = new Listener(socket)
  const opened = Promise.withResolvers<void>()
  socket.once('open', opened.resolve)
  socket.once('error', opened.reject)
  socket.once('unexpected-response', (_request, { statusCode = 0, headers: replied }) => {
    opened.reject(new Refused(statusCode, replied))
    socket.terminate()
  })
  await opened.promise
  return listener
}

export class Refused extends Error {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  constructor(status: number, headers: IncomingHttpHeaders) {
    super(`Refused: ${status}`)
    this.status = status
    this.headers = headers
  }
}

/** Where an app listens. */
export async function listenOn(app: App): Promise<string> {
  if (!app.server.listening) await app.listen({ port: 0, host: '127.0.0.1' })
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
}

import type { ServerResponse } from 'node:http'
import { type CloseCode, Identified, type Identity, type LiveClient } from '../../services/live/client.ts'
import type { Written } from '../../services/live/frame.ts'
import type { Live } from '../../services/live/live.ts'
import { UNREAD_BYTES } from './socket-client.ts'

/** A client on a stream of Server-Sent Events (WHATWG HTML §9.2). */
export class StreamClient extends Identified implements LiveClient {
  readonly kind = 'stream'
  readonly #reply: ServerResponse
  readonly #live: Live
  #beat: number
  /** When everything that was sent had left this process. */
  #read: number

  constructor(reply: ServerResponse, live: Live, identity: Identity) {
    super(identity)
    this.#reply = reply
    this.#live = live
    this.#read = this.#beat = live.timing.now()
    reply.on('error', () => {}) // followed by `close`
    reply.on('close', () => live.disconnect(this, 1006))
    live.connect(this)
  }

  send({ frame, text }: Written): void {
    const id = frame.id === null ? '' : `id: ${frame.id}\n`
    this.#write(`${id}event: ${frame.type}\ndata: ${text}\n\n`)
  }

  close(code: CloseCode, reason: string): void {
    if (this.#reply.writableEnded) return
    this.#live.disconnect(this, code)
    this.#reply.end(`event: connection:closed\ndata: ${JSON.stringify({ code, reason })}\n\n`)
  }

  tick(now: number): void {
    const { heartbeat, stale } = this.#live.timing
    if (this.#reply.writableLength === 0) this.#read = now
    if (now - this.#read >= stale) {
      this.#live.disconnect(this, 1006, { stale: true })
      return void this.#reply.destroy()
    }
    if (now - this.#beat < heartbeat) return
    this.#beat = now
    this.#write(': heartbeat\n\n')
  }

  #write(text: string): void {
    if (this.#reply.writableEnded || this.#reply.destroyed) return
    if (this.#reply.writableLength > UNREAD_BYTES) return void this.#reply.destroy()
    this.#reply.write(text)
  }
}

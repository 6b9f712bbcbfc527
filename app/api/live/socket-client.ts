import type { WebSocket } from 'ws'
import { AppError, appErrorIn } from '../../core/errors.ts'
import { TokenBucket } from '../../core/token-bucket.ts'
import { CLOSE, type CloseCode, Identified, type Identity } from '../../services/live/client.ts'
import { type Written, write } from '../../services/live/frame.ts'
import type { Live } from '../../services/live/live.ts'
import { type Speaker, answer } from './messages.ts'

/** What one client may send: bytes of a message, messages a second and at once, and how many that make no sense. */
export const MESSAGE_BYTES = 16 * 1024
const PER_SECOND = 20
const BURST = 40
const FAULTS = 5
/** What may lie ready for a client that does not read: then it is cut off. */
export const UNREAD_BYTES = 1024 * 1024

const TEXT = { binary: false, compress: false }

/** A client on a WebSocket. */
export class SocketClient extends Identified implements Speaker {
  readonly kind = 'socket'
  readonly #socket: WebSocket
  readonly #live: Live
  readonly #bucket = new TokenBucket(PER_SECOND, BURST)
  #answered = Promise.resolve()
  #faults = 0
  #heard: number
  #beat: number

  constructor(socket: WebSocket, live: Live, identity: Identity) {
    super(identity)
    this.#socket = socket
    this.#live = live
    this.#heard = this.#beat = live.timing.now()
    socket.on('message', (data: Buffer, isBinary) => this.#hear(data, isBinary))
    for (const sign of ['ping', 'pong'] as const) socket.on(sign, () => this.#count())
    socket.on('close', (code) => live.disconnect(this, code))
    live.connect(this)
  }

  send({ bytes }: Written): void {
    const { readyState, OPEN, bufferedAmount } = this.#socket
    if (readyState !== OPEN) return
    if (bufferedAmount > UNREAD_BYTES) return this.#socket.terminate()
    this.#socket.send(bytes, TEXT, () => {}) // one that fails is followed by `close`
  }

  close(code: CloseCode, reason: string): void {
    this.#live.disconnect(this, code) // at once: the closing handshake may take a while
    this.#socket.close(code, reason)
  }

  tick(now: number): void {
    const { heartbeat, stale } = this.#live.timing
    if (now - this.#heard >= stale) {
      this.#live.disconnect(this, 1006, { stale: true })
      return this.#socket.terminate()
    }
    if (now - this.#beat < heartbeat) return
    this.#beat = now
    this.#socket.ping() // every client answers this by itself
    this.send(write('heartbeat', {})) // and a page in a browser sees this
  }

  /** Says what is wrong with a message. After a few of them it is over. */
  refuse(code: string, detail: string): void {
    this.send(write('error', { code, detail }))
    if (++this.#faults >= FAULTS) this.close(CLOSE.policyViolation, 'Too many messages that make no sense')
  }

  #hear(data: Buffer, isBinary: boolean): void {
    if (!this.#count()) return
    if (isBinary) return this.close(CLOSE.unsupportedData, 'Text only')
    // One after the other: a burst takes no more of the database than one request does.
    this.#answered = this.#answered.then(() => this.#answer(data.toString()))
  }

  async #answer(text: string): Promise<void> {
    try {
      await answer(this, this.#live, text)
    } catch (error) {
      const { code, detail } = appErrorIn(error) ?? new AppError('internal_error')
      this.send(write('error', { code, detail }))
    }
  }

  /** Whether what was sent is within the limit, and the connection still open. */
  #count(): boolean {
    this.#heard = this.#live.timing.now()
    if (this.#socket.readyState !== this.#socket.OPEN) return false
    if (this.#bucket.take()) return true
    this.close(CLOSE.policyViolation, 'Too many messages')
    return false
  }
}

import { AccessCheck } from './access.ts'
import { CLOSE, type LiveClient } from './client.ts'
import { LiveClients } from './clients.ts'
import { Dispatcher } from './dispatcher.ts'
import type { LiveParts } from './parts.ts'

/** Live events in this process: who is connected, and everything that they are told. */
export class Live {
  readonly clients = new LiveClients()
  readonly #parts: LiveParts
  readonly #dispatcher: Dispatcher
  #sweeping: NodeJS.Timeout | undefined
  #isStopping = false

  constructor(parts: LiveParts) {
    this.#parts = parts
    this.#dispatcher = new Dispatcher(parts, this.clients)
    parts.principals.onChange((user_id) => void this.#recheck(user_id))
  }

  get timing() {
    return this.#parts.timing
  }

  async start(): Promise<void> {
    await this.#dispatcher.start()
    this.#sweeping = setInterval(() => this.sweep(Date.now()), this.timing.sweep).unref()
  }

  /** Takes a client in: it hears that it is connected, what it has missed if it asks, and then what happens. */
  connect(client: LiveClient): void {
    const { user_id, company_id } = client
    if (this.#isStopping) return client.close(CLOSE.goingAway, 'The server stops')
    this.clients.add(client)
    this.#dispatcher.join(client)
    this.#log('connected', { user_id, company_id, connections: this.clients.countOf(user_id) })
  }

  /** Takes note that a connection is over. */
  disconnect(client: LiveClient, code: number): void {
    const { user_id, company_id } = client
    if (!this.clients.remove(client)) return
    this.#log('disconnected', { user_id, company_id, code, connections: this.clients.countOf(user_id) })
  }

  /** Looks at every connection: heartbeats, who answers no more, tokens that have ended. */
  sweep(now: number): void {
    for (const client of this.clients.all()) {
      if (client.ends_at <= now) client.close(CLOSE.accessEnded, 'Log in again')
      else client.tick(now)
    }
  }

  /** Ends every connection, and takes none any more. */
  async stop(): Promise<void> {
    if (this.#isStopping) return
    this.#isStopping = true
    clearInterval(this.#sweeping)
    for (const client of this.clients.all()) client.close(CLOSE.goingAway, 'The server stops')
    await this.#dispatcher.stop()
  }

  /** Shows out who may be here no longer: a log-out, a membership or an account that has ended. */
  async #recheck(user_id: number | '*'): Promise<void> {
    const concerned = this.clients.all().filter((client) => user_id === '*' || client.user_id === user_id)
    try {
      await new AccessCheck(this.#parts.principals).ofAll(concerned)
    } catch (err) {
      this.#parts.logger.error({ err }, 'live access could not be checked') // events are told only after another look
    }
  }

  #log(what: 'connected' | 'disconnected', fields: Record<string, unknown>): void {
    this.#parts.logger.info({ ...fields, module: 'live' }, `live connection ${what}`)
  }
}

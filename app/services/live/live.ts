import { AccessCheck } from './access.ts'
import { ActivityFeed } from './activity-feed.ts'
import { Announcements } from './announcements.ts'
import { CLOSE, type LiveClient } from './client.ts'
import { LiveClients } from './clients.ts'
import { Dispatcher } from './dispatcher.ts'
import type { LiveParts } from './parts.ts'
import { Presence } from './presence.ts'
import { type Typing, tellTyping } from './typing.ts'

/** Live events in this process: who is connected, and everything that they are told. */
export class Live {
  readonly clients = new LiveClients()
  readonly #parts: LiveParts
  readonly activity: ActivityFeed
  readonly presence: Presence
  readonly #announcements: Announcements
  readonly #dispatcher: Dispatcher
  #sweeping: NodeJS.Timeout | undefined
  #stopped: Promise<void> | undefined

  constructor(parts: LiveParts) {
    this.#parts = parts
    this.activity = new ActivityFeed(parts, this.clients)
    this.presence = new Presence(parts, this.clients)
    this.#announcements = new Announcements(parts, this.clients)
    this.#dispatcher = new Dispatcher(parts, this.clients, (client, access) => this.activity.note(client, access))
    parts.principals.onChange((user_id) => void this.#recheck(user_id))
  }

  get timing() {
    return this.#parts.timing
  }

  async start(): Promise<void> {
    await Promise.all([this.#dispatcher.start(), this.#announcements.start()])
    this.activity.start()
    this.presence.start()
    this.#sweeping = setInterval(() => this.sweep(), this.timing.sweep).unref()
  }

  /** Takes a client in: it hears that it is connected, what it has missed if it asks, and then what happens. */
  connect(client: LiveClient): void {
    const { user_id, company_id } = client
    if (this.#stopped) return client.close(CLOSE.goingAway, 'The server stops')
    // Asked before, but of many at once.
    if (!this.clients.hasRoomFor(user_id)) return client.close(CLOSE.tryAgainLater, 'Too many connections')
    this.clients.add(client)
    this.#dispatcher.join(client)
    this.presence.changed()
    this.#log('connected', { user_id, company_id, connections: this.clients.countOf(user_id) })
  }

  /** Takes note that a connection is over; `stale` where it was cut off because its client answered no more. */
  disconnect(client: LiveClient, code: number, { stale }: { stale?: true } = {}): void {
    const { user_id, company_id } = client
    if (!this.clients.remove(client)) return
    this.presence.changed()
    this.#log('disconnected', { user_id, company_id, code, stale, connections: this.clients.countOf(user_id) })
  }

  /** Looks at every connection: heartbeats, who answers no more, tokens that have ended. */
  sweep(): void {
    const now = this.timing.now()
    const clock = Math.max(now, Date.now()) // a token ends by the clock
    for (const client of this.clients.all()) {
      if (client.ends_at <= clock) client.close(CLOSE.accessEnded, 'Log in again')
      else client.tick(now)
    }
  }

  /** Tells others that somebody writes about a record. @throws AppError `not_found` */
  typing(client: LiveClient, typing: Typing): Promise<void> {
    return tellTyping(this.#parts, client, typing)
  }

  /** Ends every connection, and takes none any more. */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop())
  }

  async #stop(): Promise<void> {
    clearInterval(this.#sweeping)
    for (const client of this.clients.all()) client.close(CLOSE.goingAway, 'The server stops')
    await Promise.all([this.#dispatcher.stop(), this.#announcements.stop(), this.activity.stop(), this.presence.stop()])
  }

  /** Shows out who may be here no longer: a log-out, a membership or an account that has ended. */
  async #recheck(user_id: number | '*'): Promise<void> {
    const concerned = this.clients.all().filter((client) => user_id === '*' || client.user_id === user_id)
    try {
      const all = await new AccessCheck(this.#parts.principals).ofAll(concerned)
      for (const [client, access] of all) this.activity.note(client, access)
    } catch (err) {
      this.#parts.logger.error({ err }, 'live access could not be checked') // events are told only after another look
    }
  }

  #log(what: 'connected' | 'disconnected', fields: Record<string, unknown>): void {
    this.#parts.logger.info(fields, `live connection ${what}`)
  }
}

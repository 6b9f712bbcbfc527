import { Rerun } from '../../core/rerun.ts'
import { trustedRead } from '../context.ts'
import { type Access, AccessCheck } from './access.ts'
import type { LiveClient } from './client.ts'
import type { LiveClients } from './clients.ts'
import { type Written, write } from './frame.ts'
import {
  type KeptEvent,
  REPLAYED,
  type Standing,
  eventsAfter,
  eventsBetween,
  mayHear,
  standing,
} from './kept-events.ts'
import type { LiveParts } from './parts.ts'

/** Told by the database when an event is committed: see migration 0007. */
const CHANNEL = 'fastvue_events'

/**
 * Reads events as they are committed, once for the whole process, and tells each client what it may hear at that moment.
 * Everything happens in one order: clients are let in between two readings, so that each hears of an event exactly once.
 */
export class Dispatcher {
  readonly #parts: LiveParts
  readonly #clients: LiveClients
  readonly #onAccess: (client: LiveClient, access: Access) => void
  readonly #work: Rerun
  /** Not let in yet. */
  #joining = new Set<LiveClient>()
  /** The last event that each client has been told, or was told before it came. */
  readonly #told = new WeakMap<LiveClient, number>()
  /** The last event that was read of each company that is here. */
  #read = new Map<number, number>()
  #listener: { close(): Promise<void> } | undefined

  constructor(parts: LiveParts, clients: LiveClients, onAccess: (client: LiveClient, access: Access) => void) {
    this.#parts = parts
    this.#clients = clients
    this.#onAccess = onAccess
    this.#work = new Rerun(
      () => this.#pass(),
      (err) => parts.logger.error({ err }, 'live events could not be read'),
    )
  }

  async start(): Promise<void> {
    const wake = () => this.#clients.size > 0 && this.#work.wake()
    this.#listener = await this.#parts.engine.listen(CHANNEL, wake, wake)
  }

  /** Lets a client in that is among the clients already: from here on it misses nothing. */
  join(client: LiveClient): void {
    this.#joining.add(client)
    this.#work.wake()
  }

  /** Waits until what is committed now has been told. */
  settled(): Promise<void> {
    return this.#work.settled()
  }

  async stop(): Promise<void> {
    await this.#listener?.close()
    await this.#work.end()
  }

  async #pass(): Promise<void> {
    const here = this.#clients.companies
    this.#read = new Map(here.flatMap((id) => (this.#read.has(id) ? [[id, this.#read.get(id) ?? 0] as const] : [])))
    if (this.#joining.size > 0) await this.#letIn([...this.#joining])
    while (this.#read.size > 0) {
      const { events, more } = await trustedRead(this.#parts, (db) => eventsAfter(db, this.#read))
      for (const { company_id, id } of events) this.#read.set(company_id, id)
      await this.#tell(events)
      if (!more) return
    }
  }

  async #letIn(joining: LiveClient[]): Promise<void> {
    const companies = [...new Set(joining.map(({ company_id }) => company_id))]
    const now = await trustedRead(this.#parts, (db) => standing(db, companies))
    for (const company_id of companies) {
      const own = joining.filter((client) => client.company_id === company_id)
      const missed = await this.#missed(own, now)
      if (!this.#read.has(company_id)) this.#read.set(company_id, now.upto)
      for (const client of own) await this.#welcome(client, now, missed)
    }
  }

  /** What clients of one company may have missed. */
  #missed(own: LiveClient[], now: Standing): Promise<KeptEvent[]> {
    const since = Math.min(...own.flatMap((client) => (canGoOn(client, now) ? [client.since ?? Infinity] : [])))
    const [first] = own
    if (!first || since === Infinity) return Promise.resolve([])
    return trustedRead(this.#parts, (db) => eventsBetween(db, first.company_id, since, now.upto))
  }

  async #welcome(client: LiveClient, now: Standing, missed: KeptEvent[]): Promise<void> {
    const { user_id, company_id, since } = client
    this.#joining.delete(client)
    const access = await new AccessCheck(this.#parts.principals).of(client)
    this.#onAccess(client, access)
    if (!access) return
    const id = now.resume.get(company_id) ?? null
    client.send(write('connection:established', { user_id, connected_at: new Date().toISOString() }, { id }))
    if (since !== undefined) {
      const events = missed.filter((event) => event.id > since)
      if (!canGoOn(client, now) || events.length > REPLAYED) client.send(write('replay:incomplete', { since }, { id }))
      else {
        this.#told.set(client, since)
        await this.#tell(events, [client])
      }
    }
    this.#told.set(client, now.upto)
  }

  /** Tells events, the oldest first, to those who may hear of them. */
  async #tell(events: KeptEvent[], to?: LiveClient[]): Promise<void> {
    const access = new AccessCheck(this.#parts.principals)
    for (const [company_id, own] of Map.groupBy(events, (event) => event.company_id)) {
      const written = own.map((event): [KeptEvent, Written] => [event, writeKept(event)])
      const concerned = (to ?? this.#clients.in(company_id)).filter((client) =>
        own.some((event) => isFor(event, client)),
      )
      for (const [client, permissions] of await access.ofAll(concerned)) {
        const told = this.#told.get(client)
        if (told === undefined || !permissions) continue
        for (const [event, text] of written)
          if (event.id > told && mayHear(event, permissions, client)) client.send(text)
        this.#told.set(client, Math.max(told, own.at(-1)?.id ?? 0))
      }
    }
  }
}

const isFor = ({ user_id }: KeptEvent, client: LiveClient) => user_id === null || user_id === client.user_id

const writeKept = ({ id, type, data, created_at }: KeptEvent) => write(type, data, { id, timestamp: created_at })

/** Whether nothing is forgotten of what a client has missed. */
const canGoOn = ({ since }: LiveClient, { oldest, future }: Standing): boolean =>
  since === undefined || (since >= oldest && since < future)

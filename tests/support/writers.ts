import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'

/** A reply that was no success. */
export interface Refusal {
  status: number
  code: string
  /** Whether it has what every refusal of a server that cannot serve just now has. */
  isClean: boolean
}

/** What became of everything that writers sent. */
export interface Written {
  /** SKU → id, of every product whose creation was acknowledged. */
  acknowledged: Map<string, number>
  /** Replies that were told again, because the first one never came. */
  replayed: number
  refusals: Refusal[]
  /** What happened to requests without a reply. */
  unanswered: string[]
  /** The longest time without an acknowledgement, of all writers together, in milliseconds. */
  longestGap: number
}

// Sooner than `Retry-After` asks: it shows how soon a server is back.
const RETRY_MS = 50

/**
 * Clients that create products one after the other, and never give one up: what was not acknowledged is sent again with its
 * `Idempotency-Key` until it is. Half of them keep their connections.
 */
export class Writers {
  readonly #written: Written = { acknowledged: new Map(), replayed: 0, refusals: [], unanswered: [], longestGap: 0 }
  readonly #url: string
  readonly #headers: Record<string, string>
  readonly #all: Promise<unknown>
  #latest = performance.now()
  #isOver = false

  constructor(url: string, headers: Record<string, string>, count: number) {
    this.#url = url
    this.#headers = { ...headers, 'content-type': 'application/json' }
    this.#all = Promise.all(Array.from({ length: count }, (_, n) => this.#run(n % 2 === 0)))
  }

  /** How many are acknowledged by now. */
  get count(): number {
    return this.#written.acknowledged.size
  }

  /** Begins nothing new, and waits until everything that was begun is acknowledged. */
  async finish(): Promise<Written> {
    this.#isOver = true
    await this.#all
    return this.#written
  }

  async #run(keepAlive: boolean): Promise<void> {
    const agent = new Agent({ keepAlive, maxSockets: 1 })
    while (!this.#isOver) {
      const sku = crypto.randomUUID()
      while (!(await this.#create(agent, sku))) await pause(RETRY_MS)
    }
    agent.destroy()
  }

  async #create(agent: Agent, sku: string): Promise<boolean> {
    const headers = { ...this.#headers, 'idempotency-key': sku }
    const body = JSON.stringify({ name: `Endures ${sku}`, sku, price: '1.00' })
    try {
      const asked = request(`${this.#url}/api/v1/products`, { agent, method: 'POST', headers }).end(body)
      const [reply] = (await once(asked, 'response')) as [IncomingMessage]
      return this.#note(sku, reply, await text(reply)) // throws where the connection ends before the reply does
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      this.#written.unanswered.push(code ?? message)
      return false
    }
  }

  #note(sku: string, { statusCode: status = 0, headers }: IncomingMessage, said: string): boolean {
    const { id, code, request_id } = JSON.parse(said) as { id?: number; code?: string; request_id?: string }
    if (status !== 201 || id === undefined) {
      const isClean = status === 503 && headers['retry-after'] !== undefined && request_id === headers['x-request-id']
      this.#written.refusals.push({ status, code: code ?? said, isClean })
      return false
    }
    if (headers['idempotency-replayed']) this.#written.replayed += 1
    this.#written.acknowledged.set(sku, id)
    this.#written.longestGap = Math.max(this.#written.longestGap, performance.now() - this.#latest)
    this.#latest = performance.now()
    return true
  }
}

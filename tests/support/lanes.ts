import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { newProduct } from './caller.ts'

/** What became of the requests of all lanes. Each that was sent was answered or is lost. */
export interface Traffic {
  sent: number
  answered: number
  created: number
  /** Lanes that found nobody listening any more. */
  refused: number
  /** What happened to requests without a complete reply, and replies that are faults of the server. */
  lost: string[]
}

/**
 * Load as web applications make it: as many lanes on connections that are kept open as long as the server lets them as on
 * a new one for each request; in each lane one request after the other, every second of which creates a product. Lanes go
 * on until nobody listens any more, or until they are stopped.
 */
export class Lanes {
  readonly traffic: Traffic = { sent: 0, answered: 0, created: 0, refused: 0, lost: [] }
  readonly #url: string
  readonly #headers: Record<string, string>
  readonly #ended: Promise<unknown>
  #stopped = false

  constructor(url: string, headers: Record<string, string>, count: number) {
    this.#url = url
    this.#headers = headers
    const lanes = Array.from({ length: count }, () => [this.#run(true), this.#run(false)])
    this.#ended = Promise.all(lanes.flat())
  }

  /** Waits until every lane has ended. */
  async ended(): Promise<Traffic> {
    await this.#ended
    return this.traffic
  }

  /** Lets every lane finish what it has sent. */
  stop(): Promise<Traffic> {
    this.#stopped = true
    return this.ended()
  }

  async #run(keepAlive: boolean): Promise<void> {
    const agent = new Agent({ keepAlive, maxSockets: 1 })
    while (!this.#stopped) {
      const listening = (await this.#list(agent)) && (await this.#create(agent))
      if (!listening) break
    }
    agent.destroy()
  }

  #list(agent: Agent): Promise<boolean> {
    return this.#send(agent, 'GET', '/api/v1/products?page_size=1&with_total=false')
  }

  #create(agent: Agent): Promise<boolean> {
    return this.#send(agent, 'POST', '/api/v1/products', JSON.stringify({ ...newProduct, sku: crypto.randomUUID() }))
  }

  /** @returns false where nobody listens: the request was not sent then. */
  async #send(agent: Agent, method: string, path: string, body?: string): Promise<boolean> {
    const headers = { ...this.#headers, ...(body && { 'content-type': 'application/json' }) }
    try {
      const asked = request(`${this.#url}${path}`, { agent, method, headers }).end(body)
      const [reply] = (await once(asked, 'response')) as [IncomingMessage]
      const said = await text(reply) // throws where the connection ends before the reply does
      if (reply.statusCode === 201) this.traffic.created += 1
      if (reply.statusCode === 200 || reply.statusCode === 201) this.traffic.answered += 1
      else this.traffic.lost.push(`${method}: ${reply.statusCode} ${said}`)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code === 'ECONNREFUSED') {
        this.traffic.refused += 1
        return false
      }
      this.traffic.lost.push(`${method}: ${code ?? ''} ${message}`)
    }
    this.traffic.sent += 1
    return true
  }
}

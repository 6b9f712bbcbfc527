import { AssertionError } from 'node:assert'

/** What a client was told: when it asked (milliseconds, `performance.now()`), and the status. */
export interface Answer {
  begun: number
  status: number
}

/** A client that asks the same again and again, one request after the other. */
export class Hammer {
  readonly #url: string
  readonly #headers: Record<string, string>
  readonly #ended: Promise<void>
  #stopped = false
  /** Since `forget`. */
  answers: Answer[] = []

  constructor(url: string, headers: Record<string, string>) {
    this.#url = url
    this.#headers = headers
    this.#ended = this.#run()
  }

  forget(): void {
    this.answers = []
  }

  /** Whether the last two answers are so, to requests begun since. The second one may come from what the process remembers. */
  isPermitted(since: number): boolean {
    const last = this.answers.slice(-2)
    return last.length === 2 && last.every(({ begun, status }) => begun >= since && status === 200)
  }

  /** Whether the last answer is so, to a request begun since. */
  isRefused(since: number): boolean {
    const last = this.answers.at(-1)
    return last !== undefined && last.begun >= since && last.status !== 200
  }

  /** When the last request that was permitted began, after the moment; 0 where none did. In milliseconds from then. */
  permittedAfter(moment: number): number {
    const last = this.answers.findLast(({ status }) => status === 200)
    return Math.max(0, (last?.begun ?? moment) - moment)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#ended
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const begun = performance.now()
      const reply = await fetch(this.#url, { headers: this.#headers })
      const body = await reply.text()
      if (![200, 401, 403].includes(reply.status)) throw new AssertionError({ message: `${reply.status}: ${body}` })
      this.answers.push({ begun, status: reply.status })
    }
  }
}

// From one look to the next: how much later than its time a connection may be cut, milliseconds.
const LOOK_MS = 1000

interface Stream {
  destroy(): unknown
}

interface Debt {
  stream: Stream
  /** How many answers are owed, and since when something is. */
  owed: number
  since: number
}

/**
 * Cuts connections whose answer does not come: a server that has gone without a word (a network that is cut, a machine that
 * fell over) would keep its callers waiting for a quarter of an hour, until TCP gives up what it cannot deliver. One timer for
 * all, as one for each statement would cost more.
 */
export class Unanswered {
  readonly #patience: number
  readonly #debts = new Set<Debt>()
  readonly #timer: NodeJS.Timeout

  /** @param patience milliseconds; longer than the server lets any statement take */
  constructor(patience: number) {
    this.#patience = patience
    this.#timer = setInterval(() => this.#look(), Math.min(LOOK_MS, patience)).unref()
  }

  /** Watches a connection on loan. Call the first of what it returns when something is asked, the second at its answer. */
  watch(stream: Stream): { asked: () => void; answered: () => void } {
    const debt: Debt = { stream, owed: 0, since: 0 }
    return {
      asked: () => {
        if (debt.owed++ > 0) return
        debt.since = performance.now()
        this.#debts.add(debt)
      },
      answered: () => {
        debt.since = performance.now()
        if (--debt.owed === 0) this.#debts.delete(debt)
      },
    }
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const latest = performance.now() - this.#patience
    for (const { stream, since } of this.#debts) if (since < latest) stream.destroy()
  }
}

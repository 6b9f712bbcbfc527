import { AppError } from '../../core/errors.ts'

const MOST_WAITING = 50

/** Lets work on one account happen one after the other within this process; accounts do not wait for each other. */
export class AccountTurns {
  readonly #last = new Map<number | string, { turn: Promise<unknown>; waiting: number }>()

  /** @throws AppError `overloaded` when too many wait for this account already */
  async run<R>(account: number | string, work: () => Promise<R>): Promise<R> {
    const { turn = Promise.resolve(), waiting = 0 } = this.#last.get(account) ?? {}
    if (waiting >= MOST_WAITING) throw new AppError('overloaded')
    const mine = turn.then(work, work)
    this.#last.set(account, { turn: mine, waiting: waiting + 1 })
    try {
      return await mine
    } finally {
      this.#leave(account)
    }
  }

  #leave(account: number | string): void {
    const queue = this.#last.get(account)
    if (!queue) return
    queue.waiting--
    if (queue.waiting === 0) this.#last.delete(account)
  }
}

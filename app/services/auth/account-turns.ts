import { AppError } from '../../core/errors.ts'

const MOST_WAITING = 50

/** Lets work on one account happen one after the other within this process; accounts do not wait for each other. */
export class AccountTurns {
  readonly #last = new Map<number, { turn: Promise<unknown>; waiting: number }>()

  /** @throws AppError `overloaded` when too many wait for this account already */
  async run<R>(account: number, work: () => Promise<R>): Promise<R> {
    if (account === 0) return work() // nobody's
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

  #leave(account: number): void {
    const queue = this.#last.get(account)
    if (!queue) return
    queue.waiting--
    if (queue.waiting === 0) this.#last.delete(account)
  }
}

/** The turns of this process: whatever checks a password or a code of an account takes one, so that none is tried beside another. */
export const accountTurns = new AccountTurns()

import { codeOf } from './errors.ts'
import type { Connection } from './engine.ts'

/** The most that share one connection: each waits for those before it. */
export const MOST_SHARING = 16
// query_canceled: it ran out of time, and so would those that wait behind it, one after the other.
const CUT_OFF = '57014'

/** A connection on loan to several. */
interface Loan {
  connection: Promise<Connection>
  users: number
  over: boolean
}

/**
 * Lends one connection to all that ask for one in the same turn of the event loop. It is for statements that are transactions by
 * themselves and end at once, such as a row by its key: what they cost is little beside a packet for each, and a server's
 * process to be woken by it. Nobody joins later, so nobody waits for more than `MOST_SHARING` of them.
 */
export class SharedLoans {
  readonly #lend: () => Promise<Connection>
  #joinable: Loan | undefined

  /** @param lend a connection whose statements leave together, at the end of the turn */
  constructor(lend: () => Promise<Connection>) {
    this.#lend = lend
  }

  async join(): Promise<Connection> {
    const loan = (this.#joinable ??= this.#begin())
    loan.users += 1
    if (loan.users === MOST_SHARING) this.#close(loan)
    const connection = await loan.connection
    return {
      ...connection,
      query: (...asked) =>
        connection.query(...asked).catch((error: Error) => {
          if (codeOf(error) === CUT_OFF) this.#end(loan, connection, true)
          throw error
        }),
      release: (broken) => {
        loan.users -= 1
        if (broken || loan.users === 0) this.#end(loan, connection, broken)
      },
    }
  }

  #begin(): Loan {
    const loan = { connection: this.#lend(), users: 0, over: false }
    setImmediate(() => this.#close(loan))
    return loan
  }

  #close(loan: Loan): void {
    if (this.#joinable === loan) this.#joinable = undefined
  }

  #end(loan: Loan, connection: Connection, broken?: boolean): void {
    this.#close(loan)
    if (loan.over) return
    loan.over = true
    connection.release(broken)
  }
}

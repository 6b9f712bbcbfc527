import type { Settings } from '../../core/config.ts'
import type { Engine } from '../../db/engine.ts'
import { NoAnswer, queryInTime } from '../../db/unscoped.ts'
import type { Db } from '../../db/session.ts'
import { systemContext } from '../context.ts'

// Milliseconds. The questions are small ones.
const PATIENCE = 5000

/**
 * A database as checks ask it: one question at a time, whatever runs at once, so that a server that starts needs no more
 * connections for them than it has open already. One that has not answered once is not asked again.
 */
export class CheckedDatabase {
  readonly kind: Engine['kind']
  readonly #engine: Engine
  readonly #settings: Settings
  #last: Promise<unknown> = Promise.resolve()
  #silent: NoAnswer | undefined

  constructor(engine: Engine, settings: Settings) {
    this.kind = engine.kind
    this.#engine = engine
    this.#settings = settings
  }

  /** Asks about the database itself, as the role that connects. @throws NoAnswer after seconds */
  rows(text: string): Promise<Record<string, unknown>[]> {
    return this.#inTurn(() => queryInTime(this.#engine, text, PATIENCE))
  }

  /** Asks about what is in it, across all companies. */
  trusted<R>(work: (db: Db) => Promise<R>): Promise<R> {
    const scope = { engine: this.#engine, settings: this.#settings, company_id: null, readOnly: true }
    return this.#inTurn(() => systemContext(scope, ({ db }) => work(db)))
  }

  #inTurn<R>(work: () => Promise<R>): Promise<R> {
    const done = this.#last.then(() => (this.#silent ? Promise.reject(this.#silent) : work()))
    this.#last = done.catch((error: unknown) => {
      if (error instanceof NoAnswer) this.#silent = error
    })
    return done
  }
}

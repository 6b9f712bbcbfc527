import type { Settings } from '../../core/config.ts'
import type { Engine, Result } from '../../db/engine.ts'
import type { Db } from '../../db/session.ts'
import { NoAnswer, queryInTime } from '../../db/unscoped.ts'
import { systemContext } from '../context.ts'

// Milliseconds. The questions are small ones.
const PATIENCE = 5000

type Question = PromiseWithResolvers<Result['rows']> & { text: string }

/**
 * A database as checks ask it. What is asked at the same time goes there together, on one connection and, with PostgreSQL, in
 * one round trip: checks must not make a start wait. A database that has not answered once is not asked again.
 */
export class CheckedDatabase {
  readonly kind: Engine['kind']
  readonly #engine: Engine
  readonly #settings: Settings
  /** What is asked and not on its way yet. */
  readonly #questions: Question[] = []
  #last: Promise<unknown> = Promise.resolve()
  #silent: NoAnswer | undefined

  constructor(engine: Engine, settings: Settings) {
    this.kind = engine.kind
    this.#engine = engine
    this.#settings = settings
  }

  /** Asks about the database itself, as the role that connects. @throws NoAnswer after seconds */
  rows(text: string): Promise<Result['rows']> {
    const question = { text, ...Promise.withResolvers<Result['rows']>() }
    if (this.#questions.push(question) === 1) void this.#inTurn(() => this.#ask(this.#questions.splice(0)))
    return question.promise
  }

  /** Asks about what is in it, across all companies. */
  trusted<R>(work: (db: Db) => Promise<R>): Promise<R> {
    const scope = { engine: this.#engine, settings: this.#settings, company_id: null, readOnly: true }
    return this.#inTurn(() => this.#unlessSilent(() => systemContext(scope, ({ db }) => work(db))))
  }

  async #ask(questions: Question[]): Promise<void> {
    const texts = questions.map(({ text }) => text)
    try {
      const answers = await this.#unlessSilent(() => queryInTime(this.#engine, texts, PATIENCE))
      for (const [n, { resolve, reject }] of questions.entries()) {
        const answer = answers[n]
        if (answer?.status === 'fulfilled') resolve(answer.value.rows)
        else reject(answer?.reason)
      }
    } catch (error) {
      for (const { reject } of questions) reject(error)
    }
  }

  async #unlessSilent<R>(work: () => Promise<R>): Promise<R> {
    if (this.#silent) throw this.#silent
    try {
      return await work()
    } catch (error) {
      if (error instanceof NoAnswer) this.#silent = error
      throw error
    }
  }

  #inTurn<R>(work: () => Promise<R>): Promise<R> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => {})
    return done
  }
}

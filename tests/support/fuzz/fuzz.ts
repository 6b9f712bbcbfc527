import fc from 'fast-check'
import { securityHeadersOf } from '../../../app/middleware/security.ts'
import type { Call } from './call.ts'
import { type Document, type Operation, documentOf, operationsIn } from './document.ts'
import { fill } from './fill.ts'
import { Figures } from './figures.ts'
import { minimise } from './minimise.ts'
import { Oracle } from './oracle.ts'
import type { Plan } from './plan.ts'
import { Pool } from './pool.ts'
import { plansOf } from './stories.ts'
import { curl } from './wire.ts'
import { type Outcome, World, type WorldParts } from './world.ts'

export interface FuzzOptions {
  calls: number
  /** Of the first run; the next one has the next. */
  seed: number
  /** Goes on after a failure, to the first of each kind. */
  keepGoing?: boolean
}

export interface Failure {
  /** With it, `FUZZ_SEED` makes the same calls again. */
  seed: number
  fault: string
  /** The fewest calls found that lead there, as lines for a shell; the last one fails. */
  lines: string[]
}

/** Calls from one fresh database on: all that a failure can depend on. */
export const CALLS_PER_RUN = 500

type Parts = Omit<WorldParts, 'oracle'>

/** Calls the API at random, and holds every reply against its own document. @returns how it went, and what was wrong */
export async function fuzz(parts: Parts, options: FuzzOptions): Promise<{ figures: Figures; failures: Failure[] }> {
  const document = await documentOf(parts.app)
  const fuzzer = new Fuzzer(parts, document, options.keepGoing === true)
  for (let left = options.calls, seed = options.seed; left > 0; left -= CALLS_PER_RUN, seed++) {
    await fuzzer.run(seed, Math.min(left, CALLS_PER_RUN))
    if (fuzzer.failures.length > 0 && !options.keepGoing) break
  }
  return fuzzer
}

class Fuzzer {
  readonly figures: Figures
  readonly failures: Failure[] = []
  readonly #begin: () => World
  readonly #plans: fc.Arbitrary<Plan[]>
  readonly #keepsGoing: boolean
  readonly #seen = new Set<string>()

  constructor(parts: Parts, document: Document, keepsGoing: boolean) {
    const operations: Operation[] = operationsIn(document)
    const oracle = new Oracle(document, Object.fromEntries(securityHeadersOf(parts.settings)))
    this.#begin = () => new World({ ...parts, oracle })
    this.#plans = plansOf(document, operations)
    this.figures = new Figures(operations)
    this.#keepsGoing = keepsGoing
  }

  /** Makes the calls of one seed. A new kind of failure ends it: to find out what it needs, the database is begun anew. */
  async run(seed: number, calls: number): Promise<void> {
    const world = this.#begin()
    const pool = new Pool()
    const history: Call[] = []
    await world.begin(pool)
    const plans = fc.sample(this.#plans, { seed, numRuns: calls }).flat().slice(0, calls)
    for (const [number, plan] of plans.entries()) {
      const last = history.at(-1)
      const call = plan.isRepeat && last ? { ...last, number } : fill(plan, number, pool, last)
      history.push(call)
      const outcome = await world.make(call, pool)
      this.figures.add(outcome)
      if (outcome.faults.length > 0 && (await this.#isNew(seed, outcome, history))) return
      if (world.isOver) break
    }
    this.figures.healed += world.healed
    for (const fault of await world.inconsistencies()) this.failures.push({ seed, fault, lines: [] })
  }

  async #isNew(seed: number, outcome: Outcome, history: Call[]): Promise<boolean> {
    const { call, faults } = outcome
    const kind = `${call.operation.name} ${faults.join().replaceAll(/\d+/g, '0').slice(0, 80)}`
    if (this.#keepsGoing && this.#seen.has(kind)) return false
    this.#seen.add(kind)
    const { outcomes } = await minimise(outcome, history, this.#begin)
    const lines = (outcomes.length > 0 ? outcomes : [outcome]).map(
      ({ sent, reply }) => `${curl(sent)}   # ${reply.status}`,
    )
    if (outcomes.length === 0) lines.push('# made again, the calls did not fail')
    this.failures.push({ seed, fault: `${call.operation.name} as ${call.caller}: ${faults.join('; ')}`, lines })
    return true
  }
}

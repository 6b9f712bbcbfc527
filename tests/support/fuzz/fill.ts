import { Learned, Own } from './call.ts'
import { Hole } from './hole.ts'
import { PERSONAL, kindInPath } from './kinds.ts'
import { isPlain } from './plain-object.ts'
import type { Call } from './call.ts'
import type { CallerName, Plan } from './plan.ts'
import { type Known, OWN_SIDES, type Pool, type Side } from './pool.ts'

/** What a caller does not learn from replies: `callers.ts` gives these. */
const OWN: ReadonlySet<string> = new Set([
  'password',
  'username',
  'email',
  'two_factor_code',
  'attestation',
  'assertion',
])
// Those without a company own nothing: they try what is the watched company's.
const SIDES: Record<CallerName, Side> = { ...OWN_SIDES, stranger: 'watched', nobody: 'watched' }

/** Fills the holes of a plan from what is known. One call is about one company, unless a hole asks for the other's. */
export function fill(plan: Plan, number: number, pool: Pool, previous: Call | undefined): Call {
  const side = plan.caller === 'superuser' ? (['watched', 'other', 'none'] as const)[number % 3]! : SIDES[plan.caller]
  const filler = new Filler(plan, side, pool)
  const { created } = pool
  const ofSame =
    previous && 'id' in previous.path
      ? previous.path
      : created && { id: new Learned(created.call, created.slot, created.value) }
  const path = (plan.isOfSame && ofSame) || (filler.fill(plan.path) as Plan['path'])
  filler.record = path['id']
  return {
    ...plan,
    number,
    path,
    query: filler.fill(plan.query) as Plan['query'],
    headers: filler.fill(plan.headers) as Plan['headers'],
    body: filler.fill(plan.body),
  }
}

class Filler {
  /** The `id` in the path. */
  record: unknown
  readonly #plan: Plan
  readonly #side: Side
  readonly #pool: Pool

  constructor(plan: Plan, side: Side, pool: Pool) {
    this.#plan = plan
    this.#side = side
    this.#pool = pool
  }

  fill(value: unknown): unknown {
    if (value instanceof Hole) return this.#fillHole(value)
    if (Array.isArray(value)) return value.map((inner) => this.fill(inner))
    if (!isPlain(value)) return value
    const filled = {}
    for (const [key, inner] of Object.entries(value))
      Object.defineProperty(filled, key, {
        value: this.fill(inner),
        enumerable: true,
        configurable: true,
        writable: true,
      })
    return filled
  }

  #fillHole({ kind, number, foreign }: Hole): unknown {
    if (OWN.has(kind)) return new Own(kind, number)
    const known = this.#find(kind, number, foreign)
    return known ? new Learned(known.call, known.slot, known.value) : number + 1
  }

  #find(kind: string, number: number, foreign: boolean): Known | undefined {
    const { caller, operation } = this.#plan
    if (kind === 'version') {
      const id = this.record instanceof Learned ? this.record.value : this.record
      return this.#pool.last('none', `version ${kindInPath(operation.path)} ${String(id)}`)
    }
    if (kind === 'cursor') return this.#pool.pick('none', `cursor ${operation.path} ${caller}`, number)
    if (kind === 'refresh_token') return this.#pool.pick('none', `refresh_token ${caller}`, number)
    const mine = PERSONAL.has(kind) && !foreign ? this.#pool.pick('none', `${kind} ${caller}`, number) : undefined
    if (mine) return mine
    const other = this.#side === 'other' ? 'watched' : 'other'
    const sides: Side[] = foreign ? [other, 'none'] : number % 4 === 0 ? ['none', this.#side] : [this.#side, 'none']
    return sides.map((side) => this.#pool.pick(side, kind, number)).find((found) => found !== undefined)
  }
}

import type { Json } from './document.ts'
import type { CallerName } from './plan.ts'

/** Whose something is: of the company that is watched, of the other one, or of neither. */
export type Side = 'watched' | 'other' | 'none'

/** Whose the callers' own things are. */
export const OWN_SIDES: Record<CallerName, Side> = {
  superuser: 'none',
  admin: 'watched',
  manager: 'watched',
  viewer: 'watched',
  key: 'watched',
  outsider: 'other',
  stranger: 'none',
  nobody: 'none',
}

/** Something that a reply has told, to be used in later calls. */
export interface Known {
  value: Json
  /** The call whose reply had it, and where in it: so that a replay finds the same thing under its new value. */
  call: number
  slot: string
}

const MOST = 60

/** What the calls have learned: ids, versions, cursors and tokens, by whose they are and what they name. */
export class Pool {
  readonly #known = new Map<string, Known[]>()
  /** The id of what was made last. */
  created: Known | undefined

  add(side: Side, kind: string, known: Known): void {
    const key = `${side} ${kind}`
    const list = this.#known.get(key) ?? []
    if (list.some(({ value }) => value === known.value)) return
    list.push(known)
    if (list.length > MOST) list.splice(MOST / 4, 1) // the first ones stay: they have most to them
    this.#known.set(key, list)
  }

  /** Notes what a 201 has made. */
  create(call: number, made: Json | undefined): void {
    const isObject = typeof made === 'object' && made !== null && !Array.isArray(made)
    this.created = isObject && typeof made['id'] === 'number' ? { value: made['id'], call, slot: '.id' } : undefined
  }

  /** One of them, always the same for the same number; undefined when there is none. */
  pick(side: Side, kind: string, number: number): Known | undefined {
    const list = this.#known.get(`${side} ${kind}`) ?? []
    return list[number % list.length]
  }

  /** The newest that there is. */
  last(side: Side, kind: string): Known | undefined {
    return this.#known.get(`${side} ${kind}`)?.at(-1)
  }
}

import type { Json } from './document.ts'
import type { CallerName, Plan } from './plan.ts'

/** Something that an earlier reply had: its value then, and where to find it when the calls are made again. */
export class Learned {
  readonly call: number
  readonly slot: string
  readonly value: Json
  constructor(call: number, slot: string, value: Json) {
    this.call = call
    this.slot = slot
    this.value = value
  }
}

/** Something that only its caller knows: a password, a code of the moment, what an authenticator signs. */
export class Own {
  readonly kind: string
  readonly number: number
  constructor(kind: string, number: number) {
    this.kind = kind
    this.number = number
  }
}

/** A plan whose holes are filled. Made again, it means the same. */
export interface Call extends Plan {
  /** Where it is in the history. */
  number: number
}

export interface Reply {
  status: number
  headers: Record<string, string | string[] | number | undefined>
  text: string
  /** Of a JSON reply. */
  json: Json | undefined
}

/** A call as it went over the wire. */
export interface Sent {
  caller: CallerName
  method: string
  url: string
  headers: Record<string, string>
  payload: string | undefined
}

/** The calls whose replies a call was made of. */
export function sourcesOf(call: Call): Set<number> {
  const found = new Set<number>()
  const look = (value: unknown): void => {
    if (value instanceof Learned) found.add(value.call)
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(look)
  }
  look([call.path, call.query, call.headers, call.body])
  return found
}

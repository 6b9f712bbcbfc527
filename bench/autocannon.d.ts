/** The part of autocannon that `load.ts` uses; the package has no types of its own. */
declare module 'autocannon' {
  import type { EventEmitter } from 'node:events'

  export interface Options {
    url: string
    connections: number
    duration?: number
    amount?: number
    idReplacement: boolean
    requests: { method: string; path: string; headers: Record<string, string>; body?: string }[]
  }
  export interface Outcome {
    duration: number
    errors: number
    timeouts: number
    non2xx: number
    '2xx': number
  }
  export default function autocannon(options: Options): EventEmitter & Promise<Outcome>
}

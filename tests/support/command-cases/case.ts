import type { z } from 'zod'
import type { Engine } from '../../../app/db/engine.ts'
import { manage } from '../command-line.ts'

/** Where a call is made: the test's database and a folder of its own, removed afterwards. */
export interface Place {
  engine: Engine
  folder: string
}

export interface Outcome {
  code: number
  stdout: string
  stderr: string
}

/** A call of a command, with more flags behind its own. */
export type Call = (place: Place, more: string[]) => Promise<Outcome>

/** How a command behaves: each is called in all of these ways by `command-walk.test.ts`. */
export interface CommandCase {
  /** A call that succeeds, and what people see of it on stdout. It is also made with --json, anew. */
  success: Call
  says: RegExp
  /** What machines get on stdout. */
  json: z.ZodType
  /** Arguments that make no sense: exit code 2. */
  wrongUse: string[]
  /** A call that cannot succeed, and the line that says why. */
  failure: Call
  because: RegExp
}

type Given = Parameters<typeof manage>[1]

/** A call in this process, on the place's database. */
export const here =
  (argv: string[], given: Given | ((place: Place) => Given) = {}): Call =>
  (place, more) =>
    manage([...argv, ...more], { engine: place.engine, ...(typeof given === 'function' ? given(place) : given) })

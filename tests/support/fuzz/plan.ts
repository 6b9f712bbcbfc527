import fc from 'fast-check'
import type { Document, Operation, Parameter } from './document.ts'
import { hinted, hole } from './hints.ts'
import { Hole } from './hole.ts'
import { kindInPath } from './kinds.ts'
import { chance, inQuery } from './query.ts'
import { Values } from './values.ts'

/** Who calls: see `callers.ts`. */
export const CALLERS = ['superuser', 'admin', 'manager', 'viewer', 'key', 'outsider', 'stranger', 'nobody'] as const
export type CallerName = (typeof CALLERS)[number]

/** A call before its holes are filled. */
export interface Plan {
  operation: Operation
  caller: CallerName
  path: Record<string, unknown>
  query: [name: string, value: unknown][]
  /** Added to the query as it is. */
  rawQuery: string
  headers: Record<string, unknown>
  /** Undefined: none. */
  body: unknown
  /** Sent instead of the body, as it is. */
  rawBody: string | undefined
  contentType: string
  /** Whether something in it was spoilt on purpose. */
  isSpoilt: boolean
  /** The call before it, once more: what an Idempotency-Key is for. */
  isRepeat: boolean
  /** About the record of the call before it. */
  isOfSame: boolean
}

const CALLER_WEIGHTS: Record<CallerName, number> = {
  superuser: 5,
  admin: 7,
  manager: 2,
  viewer: 1,
  key: 1,
  outsider: 5,
  stranger: 1,
  nobody: 1,
}
export const caller = fc.oneof(
  ...CALLERS.map((name) => ({ weight: CALLER_WEIGHTS[name], arbitrary: fc.constant(name) })),
)

/** A call as the document wants it. */
export function validPlan(document: Document, operation: Operation): fc.Arbitrary<Plan> {
  const values = new Values(document, operation)
  const { parameters, body } = operation
  const of = (place: Parameter['in']) => parameters.filter((parameter) => parameter.in === place)
  const path = fc.record(
    Object.fromEntries(
      of('path').map(({ name, schema }) => [name, inPath(name, operation) ?? values.of(schema, name)]),
    ),
  )
  const query = fc
    .tuple(...of('query').map((parameter) => inQuery(parameter, of('query'), operation, values)))
    .map((given) => given.flat(1))
  const own = body && values.of(body.schema)
  return fc
    .record({
      caller,
      path,
      query,
      headers: headersOf(operation),
      body: own ? (body?.required ? own : fc.option(own, { nil: undefined, freq: 3 })) : fc.constant(undefined),
      isForm: chance(4),
      isRepeat: chance(40),
    })
    .map(({ isForm, ...plan }) => ({
      ...plan,
      operation,
      rawQuery: '',
      rawBody: undefined,
      contentType: (isForm && body?.types[1]) || 'application/json',
      isSpoilt: false,
      isOfSame: false,
    }))
}

function inPath(name: string, operation: Operation): fc.Arbitrary<unknown> | undefined {
  if (/(^|_)id$/.test(name)) return hole(kindInPath(operation.path, name))
  return hinted(name, {}, operation)
}

/** The headers that an operation reads, each now and then. A few keys only: they are to come again. */
function headersOf({ parameters }: Operation): fc.Arbitrary<Record<string, unknown>> {
  const known: Record<string, [number, fc.Arbitrary<unknown>]> = {
    'X-Company-ID': [8, fc.nat({ max: 5 }).map((n) => new Hole('own_company', n))],
    'Idempotency-Key': [5, fc.constantFrom('k1', 'k2', 'k3', 'k4')],
    'If-Match': [4, fc.nat({ max: 5 }).map((n) => new Hole('version', n))],
  }
  const present = parameters
    .filter(({ in: place, name }) => place === 'header' && name in known)
    .map(({ name }) => name)
  return fc.record(
    Object.fromEntries(
      present.map((name) => {
        const [one, value] = known[name]!
        return [
          name.toLowerCase(),
          fc.tuple(chance(one), value).map(([isThere, given]) => (isThere ? given : undefined)),
        ]
      }),
    ),
  )
}

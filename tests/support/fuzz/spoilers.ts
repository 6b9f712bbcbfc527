import fc from 'fast-check'
import { BROKEN_BODIES, CONTENT_TYPES, HEADERS, KEYS, PARAMETERS, QUERIES, hostile } from './hostile.ts'
import { isPlain } from './plain-object.ts'
import type { Plan } from './plan.ts'
import { FILTER, chance } from './query.ts'

/** Something wrong in so many of twenty. */
export const perhapsSpoilt = (plan: fc.Arbitrary<Plan>, ofTwenty: number): fc.Arbitrary<Plan> =>
  fc
    .tuple(
      plan,
      fc.oneof(
        { weight: 20 - ofTwenty, arbitrary: fc.constant([]) },
        { weight: ofTwenty, arbitrary: fc.array(spoiler, { minLength: 1, maxLength: 2 }) },
      ),
    )
    .map(([one, spoilers]) => spoilers.reduce((spoilt, spoil) => spoil(spoilt), one))

type Spoiler = (plan: Plan) => Plan

/** Sort values as no row has them, by what the field holds. */
const NOWHERE: Record<string, unknown[]> = {
  integer: [0, -1, 2 ** 31, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, '1', 1.5, null, { of: 1, start: '' }],
  number: [1e308, -1e308, null, 'NaN'],
  decimal: ['9'.repeat(200), '-0', '1e5', '', null, 1],
  boolean: [true, null, 'true', 0],
  datetime: ['0000-01-01T00:00:00Z', '9999-12-31T23:59:59.9999999999Z', '2026-02-30T00:00:00Z', 'infinity', null],
  date: ['0000-01-01', '9999-12-31', 'epoch', null],
  time: ['23:59:59.9999999', '24:00', null],
  uuid: ['00000000-0000-0000-0000-000000000000', 'x', null],
  string: [
    '',
    '\uD800',
    'a\0b',
    'x'.repeat(3000),
    { of: 1, start: '' },
    { of: 2 ** 53, start: '' },
    { of: 1 },
    null,
    1,
  ],
}

/** A cursor that nobody was given, of an order that the list has. */
function forgeCursor(plan: Plan, at: number): Plan {
  const fields = plan.operation.parameters.flatMap(({ name, description = '' }) => {
    const [, kind = ''] = FILTER.exec(description) ?? []
    return kind ? [{ name, values: NOWHERE[kind] ?? [null] }] : []
  })
  const field = fields[at % fields.length]
  if (!field) return { ...spoilt(plan), rawQuery: 'cursor=x' }
  const value = field.values[Math.floor(at / fields.length) % field.values.length]
  const isById = field.name === 'id'
  const cursor = { s: isById ? 'id' : `${field.name},id`, v: isById ? [value] : [value, 1], p: 2 }
  const text = Buffer.from(JSON.stringify(cursor)).toString('base64url')
  return { ...spoilt(plan), rawQuery: `sort=${field.name}&cursor=${text}` }
}

/** A body over the limit of the fuzzer's application. Seldom: a megabyte takes its time. */
const HUGE = JSON.stringify({ body: 'x'.repeat(1_100_000) })

/** One thing made wrong. What a call does not have cannot be spoilt: then its headers or its query are. */
const spoiler: fc.Arbitrary<Spoiler> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.nat({ max: 1000 }).map(
      (at): Spoiler =>
        (plan) =>
          forgeCursor(plan, at),
    ),
  },
  {
    weight: 1,
    arbitrary: chance(5).map((isHuge): Spoiler => (plan) => ({ ...spoilt(plan), rawBody: isHuge ? HUGE : '{}' })),
  },
  {
    weight: 6,
    arbitrary: fc.tuple(fc.nat(), hostile).map(
      ([at, value]): Spoiler =>
        (plan) =>
          changeBody(plan, at, () => value),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.nat().map(
      (at): Spoiler =>
        (plan) =>
          changeBody(plan, at, () => undefined),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom(...KEYS), hostile).map(
      ([key, value]): Spoiler =>
        (plan) =>
          addKey(plan, key, value),
    ),
  },
  {
    weight: 1,
    arbitrary: hostile.map((body): Spoiler => (plan) => ({ ...spoilt(plan), body })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...BROKEN_BODIES).map((rawBody): Spoiler => (plan) => ({ ...spoilt(plan), rawBody })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...CONTENT_TYPES).map((contentType): Spoiler => (plan) => ({
      ...spoilt(plan),
      contentType,
      body: plan.body ?? {},
    })),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom(...QUERIES).map((rawQuery): Spoiler => (plan) => ({ ...spoilt(plan), rawQuery })),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.nat(), fc.constantFrom(...PARAMETERS)).map(
      ([at, value]): Spoiler =>
        (plan) =>
          changePath(plan, at, value),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(...HEADERS).map(([name, value]): Spoiler => (plan) => ({
      ...spoilt(plan),
      headers: { ...plan.headers, [name]: value },
    })),
  },
)

const spoilt = (plan: Plan): Plan => ({ ...plan, isSpoilt: true })

function changePath(plan: Plan, at: number, value: string): Plan {
  const names = Object.keys(plan.path)
  const name = names[at % names.length]
  if (name === undefined) return { ...spoilt(plan), rawQuery: QUERIES[at % QUERIES.length]! }
  return { ...spoilt(plan), path: { ...plan.path, [name]: value } }
}

function changeBody(plan: Plan, at: number, change: (value: unknown) => unknown): Plan {
  if (plan.body === undefined) return changePath(plan, at, PARAMETERS[at % PARAMETERS.length]!)
  const count = { left: at % nodesIn(plan.body) }
  return { ...spoilt(plan), body: changeNode(plan.body, count, change) }
}

const isTree = (value: unknown): value is object => Array.isArray(value) || isPlain(value)

function nodesIn(value: unknown): number {
  return isTree(value) ? Object.values(value).reduce<number>((sum, inner) => sum + nodesIn(inner), 1) : 1
}

function changeNode(value: unknown, count: { left: number }, change: (value: unknown) => unknown): unknown {
  if (count.left-- === 0) return change(value)
  if (Array.isArray(value)) return value.map((inner) => changeNode(inner, count, change))
  if (!isTree(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, changeNode(inner, count, change)]))
}

function addKey(plan: Plan, key: string, value: unknown): Plan {
  if (!isTree(plan.body) || Array.isArray(plan.body))
    return { ...spoilt(plan), rawQuery: `${encodeURIComponent(key.toWellFormed())}=1` }
  const body = { ...plan.body }
  Object.defineProperty(body, key, { value, enumerable: true, configurable: true, writable: true })
  return { ...spoilt(plan), body }
}

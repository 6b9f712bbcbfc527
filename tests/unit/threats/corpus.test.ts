import { describe, expect, test } from 'vitest'
import { type Assessment, assess } from '../../../app/core/threats/assess.ts'
import { isSuspect } from '../../../app/core/threats/gate.ts'
import { look } from '../../../app/core/threats/look.ts'
import { ENCODING, RULES } from '../../../app/core/threats/rules.ts'
import { type Sample, attacks, benign } from '../../support/threat-corpus/corpus.ts'

const SUSPICIOUS = 30
const judge = ({ name, request }: Sample) => ({ name, ...assess(request) })
const judged = [...attacks('attacks'), ...attacks('held-out')].map(judge)
const missed = judged.filter(({ score }) => score < SUSPICIOUS).map(({ name, score }) => `${score} ${name}`)

describe('the threat detection', () => {
  test('finds 95 of 100 attacks', () => {
    expect(judged.length).toBeGreaterThan(2500)
    expect(missed.length <= judged.length * 0.05 ? [] : missed).toEqual([])
  })

  test('suspects one in a thousand harmless requests at most', () => {
    const harmless = benign().map(judge)
    expect(harmless.length).toBeGreaterThan(2000)
    const suspected = harmless.filter(({ score }) => score >= SUSPICIOUS)
    const told = suspected.map(
      ({ name, score, findings }) => `${score} ${name}: ${findings.map(({ rule }) => rule).join()}`,
    )
    expect(told.length <= harmless.length / 1000 ? [] : told).toEqual([])
  })

  const PLAIN = [
    '?online=true&once=1&only=1',
    "?q=O'Brien; DROP-shipping",
    '?q=O%27Brien%3B%20DROP-shipping',
    '?price__gte=10&sort=-created_at,name',
    '?q=please+select+one+from+the+union',
  ]
  test.for(PLAIN)('finds nothing in %s', (address) => {
    expect(assess({ query: address.slice(1), headers: { 'user-agent': 'curl/8.5.0' } })).toEqual({
      score: 0,
      findings: [],
    })
  })

  test('suspects nobody for their program or for a path of administrators', () => {
    for (const agent of ['curl/8.5.0', 'python-requests/2.32.3', 'Wget/1.21'])
      expect(assess({ path: '/api/v1/admin/users', headers: { 'user-agent': agent } }).score).toBe(0)
  })
})

describe('each rule', () => {
  const withoutAgent: Assessment & { name: string } = {
    name: 'no agent',
    ...assess({ path: '/api/v1/products%2f1', headers: {} }),
  }
  const needs =
    (id: string) =>
    ({ score, findings }: Assessment) =>
      score >= SUSPICIOUS &&
      findings.some(({ rule }) => rule === id) &&
      findings.reduce((left, { rule, points }) => (rule === id ? left : left + points), 0) < SUSPICIOUS

  test.for([...RULES.map(({ id }) => id as string), ...Object.keys(ENCODING)])(
    '%s finds an attack that the others do not',
    (id) => {
      expect([...judged, withoutAgent].some(needs(id))).toBe(true)
    },
  )

  test.for(RULES)('$id finds its example: $example', ({ id, only, inBody, example }) => {
    const place = only?.[0] ?? (inBody > 0 ? 'body' : 'query')
    expect(look(example, place, 'here')?.findings.map(({ rule }) => rule)).toContain(id)
  })

  // What scanners ask for has a gate of its own (look.ts).
  test.for(RULES.filter(({ id }) => !id.startsWith('scanner.')))('$id has its example let through', ({ example }) => {
    expect(isSuspect(example)).toBe(true)
  })

  test('has an id of its own, of its family, and something to find', () => {
    const ids = RULES.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(RULES.filter(({ points, inBody }) => points + inBody === 0)).toEqual([])
  })
})

import { describe, expect, test } from 'vitest'
import { assess } from '../../../app/core/threats/assess.ts'

const ATTACK = "' UNION SELECT username, password FROM users--"
const whereIn = (body: unknown) => assess({ body }).findings.map(({ where }) => where)

describe('assess', () => {
  test('says what was found where, and gives no value away', () => {
    const { score, findings } = assess({ query: `page=1&name=${encodeURIComponent(ATTACK)}` })
    expect(score).toBeGreaterThanOrEqual(80)
    expect(findings[0]).toEqual({ rule: 'sqli.union-select', category: 'sqli', where: 'query.name', points: 45 })
    expect(JSON.stringify(findings)).not.toContain('password')
  })

  test('names fields in letters alone, and no more than a few of them', () => {
    const [where] = whereIn({ a: [{ 'b\n"{evil}': { c: { d: { e: { f: { g: ATTACK } } } } } }] })
    expect(where).toBe('body.a.[].b___evil_.c.d')
    const query = assess({ query: `${'n'.repeat(500)}%0a=<script>alert(1)</script>` })
    expect(query.findings[0]?.where).toBe(`query.${'n'.repeat(40)}`)
  })

  test('adds up what is found in the parts of a request, and counts the worst text of each', () => {
    const one = { query: 'a=..%2fx' }
    const two = { query: 'a=..%2fx&b=..%2fx' }
    expect(assess(two).score).toBe(assess(one).score)
    const agent = { headers: { 'user-agent': 'sqlmap/1.7' } }
    expect(assess({ ...one, ...agent }).score).toBe(assess(one).score + assess(agent).score)
    expect(assess({ ...one, ...agent, body: { a: ATTACK } }).score).toBe(100)
  })

  test('looks at names as well as values, at any depth', () => {
    expect(whereIn({ filter: { price: { $gt: '' } } })).toEqual(['body.filter.price'])
    expect(whereIn({ a: { b: [[{ c: ATTACK }]] } })[0]).toBe('body.a.b.[].[].c')
    expect(assess({ query: 'user[$ne]=1' }).findings).toMatchObject([{ rule: 'nosql.operator', where: 'query' }])
    expect(assess({ body: ATTACK }).findings[0]?.where).toBe('body')
  })

  test.for([
    { password: ATTACK },
    { user: { new_password: { text: ATTACK } } },
    { apiKey: [ATTACK] },
    { tokens: { a: ATTACK } },
  ])('does not look at what is secret: %j', (body) => {
    expect(assess({ body }).score).toBe(0)
    expect(assess({ body: { ...body, name: ATTACK } }).findings[0]?.where).toBe('body.name')
  })

  test('does not look at secrets in an address, nor in headers', () => {
    expect(assess({ query: `token=${encodeURIComponent(ATTACK)}` }).score).toBe(0)
    const headers = { 'user-agent': 'curl/8', authorization: `Bearer ${ATTACK}`, cookie: `a=${ATTACK}` }
    expect(assess({ headers }).score).toBe(0)
  })

  test('knows an agent again', () => {
    for (const _ of [1, 2]) {
      expect(assess({ headers: { 'user-agent': 'sqlmap/1.7' } }).score).toBe(50)
      expect(assess({ headers: { 'user-agent': 'curl/8' } }).score).toBe(0)
    }
  })
})

describe('an attack among much else', () => {
  const prose = 'A heavy anvil made of steel for the workshop at home. '
  const suspects = (body: unknown) => expect(assess({ body }).score, 'score').toBeGreaterThanOrEqual(30)
  const SCRIPT = '<script>alert(1)</script>'

  test('is found at the beginning and at the end of a long text', () => {
    const filling = prose.repeat(20_000)
    suspects({ notes: `${SCRIPT}${filling}` })
    suspects({ notes: `${filling}${SCRIPT}` })
  })

  test('is found in the middle of a long text, if it is one of the well-known', () => {
    const half = prose.repeat(1000)
    for (const attack of [SCRIPT, "' or 1=1", '../../../etc/passwd', '${jndi:ldap://x}', '%3Cscript%3Ealert(1)'])
      suspects({ notes: `${half}${attack}${half}` })
  })

  test('is found in one of many texts', () => {
    const many = Array.from({ length: 3000 }, () => 'harmless')
    suspects([SCRIPT, ...many])
    suspects([...many, SCRIPT])
    suspects([...many.slice(0, 700), SCRIPT, ...many])
  })

  test('is found in one of many parameters', () => {
    const many = 'a=b&'.repeat(300)
    expect(assess({ query: `${many}q=${encodeURIComponent(SCRIPT)}` }).score).toBeGreaterThanOrEqual(30)
    expect(assess({ query: `q=${encodeURIComponent(SCRIPT)}&${many}` }).score).toBeGreaterThanOrEqual(30)
  })

  test('does not hide behind suspicious texts of less weight', () => {
    suspects(Object.fromEntries([...Array(200).keys()].map((n) => [`f${n}`, n === 150 ? SCRIPT : 'x; y" or']))) // each is looked at
  })
})

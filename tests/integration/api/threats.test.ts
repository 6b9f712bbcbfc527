import { eq } from 'drizzle-orm'
import { vi } from 'vitest'
import { userCompanyRoles } from '../../../app/models/index.ts'
import { callerOf, newProduct } from '../../support/caller.ts'
import { describe, expect } from '../../support/fixtures.ts'
import { dial, listenOn } from '../../support/live.ts'
import { INJECTION, SUSPICIOUS, inQuery, test } from '../../support/threats.ts'

describe('a request that looks like an attack', () => {
  test('goes on, and is told of in the security log and in the activity of its company', async ({
    open,
    authHeaders,
    testUser,
    testCompany,
  }) => {
    const { app, told } = await open()
    const agent = { 'user-agent': 'till/4.1' }
    const reply = await callerOf(app, { ...authHeaders(testUser), ...agent }).get(inQuery(INJECTION))
    expect(reply.statusCode).toBe(200)
    const { lines, entries } = await told()
    const request_id = reply.headers['x-request-id']
    const findings = [{ rule: 'sqli.union-select', where: 'query.q', points: 45 }]
    expect(lines).toMatchObject([
      {
        severity: 'CRITICAL',
        user_id: testUser.id,
        ip: '127.0.0.1',
        path: '/api/v1/products',
        request_id,
        details: { score: 95, blocked: false, findings: expect.arrayContaining(findings) },
      },
    ])
    expect(entries).toMatchObject([
      {
        company_id: testCompany.id,
        user_id: testUser.id,
        category: 'security',
        level: 'critical',
        ip_address: '127.0.0.1',
        user_agent: 'till/4.1',
        request_id,
        success: true,
        is_suspicious: true,
        risk_reasons: expect.arrayContaining(['threat']),
        metadata: {
          threat_score: 95,
          blocked: false,
          method: 'GET',
          route: '/api/v1/products',
          status: 200,
          left_out: 0,
        },
      },
    ])
    expect(entries[0]?.risk_score).toBeGreaterThanOrEqual(60)
  })

  test('is seen by who may audit its company, and by nobody of another', async ({
    open,
    as,
    authHeaders,
    testUser,
    adminUser,
    outsider,
    superuser,
  }) => {
    const { app, told } = await open()
    await callerOf(app, authHeaders(testUser)).get(inQuery(INJECTION))
    await callerOf(app).get(inQuery(INJECTION))
    await told()
    const seen = async (user = adminUser, query = '') => {
      const reply = await as(user).get(`/activity-logs?action=${SUSPICIOUS}&suspicious=true${query}`)
      return reply.json().items.map(({ user_id }: { user_id: number | null }) => user_id)
    }
    expect(await seen()).toEqual([testUser.id])
    expect(await seen(outsider)).toEqual([])
    expect(await seen(superuser, '&company_id=all')).toEqual([null, testUser.id])
  })

  test.for([
    ['who is not logged in', {}, null],
    ['whose token is none', { authorization: 'Bearer none' }, null],
    ['whose API key is none', { authorization: 'Bearer fv_0000000000000000000000000000000000000000000' }, null],
  ] as const)('by somebody %s is of no company', async ([, headers, company_id], { open }) => {
    const { app, told } = await open()
    expect((await callerOf(app, headers).get(inQuery(INJECTION))).statusCode).toBe(401)
    const { lines, entries } = await told()
    expect(lines).toMatchObject([{ user_id: null }])
    expect(entries).toMatchObject([{ company_id, user_id: null, success: false, metadata: { status: 401 } }])
  })

  test('in a company that the caller may not enter is of their own', async ({
    open,
    authHeaders,
    testUser,
    testCompany,
    otherCompany,
  }) => {
    const { app, told } = await open()
    const headers = { ...authHeaders(testUser), 'x-company-id': String(otherCompany.id) }
    expect((await callerOf(app, headers).get(inQuery(INJECTION))).statusCode).toBe(403)
    expect((await told()).entries).toMatchObject([{ company_id: testCompany.id, user_id: testUser.id }])
  })

  test('at an address that is no route is told of, with the caller', async ({
    open,
    authHeaders,
    testUser,
    testCompany,
  }) => {
    const { app, told } = await open()
    await callerOf(app, authHeaders(testUser)).get('/..%2f..%2fetc%2fpasswd')
    const { entries } = await told()
    expect(entries).toMatchObject([
      { company_id: testCompany.id, user_id: testUser.id, metadata: { status: 404, route: null } },
    ])
  })

  test('at an address that cannot be decoded is told of', async ({ open }) => {
    const { app, told } = await open()
    expect((await app.inject('/%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd')).statusCode).toBe(400)
    expect((await told()).lines).toMatchObject([
      { details: { findings: expect.arrayContaining([expect.objectContaining({ rule: 'unusual.overlong' })]) } },
    ])
  })

  test('in a body is found, whether the body is valid or not', async ({ open, authHeaders, testUser }) => {
    const { app, told } = await open()
    const caller = callerOf(app, authHeaders(testUser))
    expect((await caller.post('/products', { ...newProduct, name: '<script>alert(1)</script>' })).statusCode).toBe(201)
    expect((await caller.post('/products', { nonsense: { deep: INJECTION } })).statusCode).toBe(422)
    const { lines } = await told()
    const where = lines.map(({ details }) => (details as { findings: { where: string }[] }).findings[0]?.where)
    expect(new Set(where)).toEqual(new Set(['body.name', 'body.nonsense.deep']))
  })

  test('in a form is found', async ({ open }) => {
    const { app, told } = await open()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    await app.inject({
      method: 'POST',
      url: '/api/v1/auth/login',
      headers,
      payload: `username=${encodeURIComponent("' or 1=1--")}&password=x`,
    })
    expect((await told()).lines).toMatchObject([
      { details: { findings: expect.arrayContaining([expect.objectContaining({ where: 'body.username' })]) } },
    ])
  })

  test('for a WebSocket or an event stream is found, before the connection ends', async ({
    open,
    authHeaders,
    testUser,
  }) => {
    const { app, told } = await open()
    const caller = callerOf(app, authHeaders(testUser))
    await caller.get(`/ws?since=${encodeURIComponent(INJECTION)}`)
    await caller.get(`/events?since=${encodeURIComponent(INJECTION)}`)
    const { lines } = await told()
    const paths = lines.map(({ path, user_id }) => [path, user_id].join(' '))
    expect(paths.toSorted()).toEqual([`/api/v1/events ${testUser.id}`, `/api/v1/ws ${testUser.id}`])
  })

  test('on a WebSocket that is open is told of at once, and once', async ({
    open,
    authHeaders,
    testUser,
    testCompany,
  }) => {
    const { app, told } = await open()
    const token = authHeaders(testUser).authorization.slice('Bearer '.length)
    const url = await listenOn(app)
    const listener = await dial({ url, token, headers: { 'user-agent': 'sqlmap/1.7' } })
    await listener.hear('connection:established')
    expect((await told()).entries).toMatchObject([{ company_id: testCompany.id, user_id: testUser.id }])
    listener.socket.close()
    await listener.closed()
    await vi.waitFor(() => expect(app.live.clients.size).toBe(0))
    expect((await told()).lines).toHaveLength(1)
  })

  test('on an event stream is told of at once, and once', async ({ open, authHeaders, testUser }) => {
    const { app, told } = await open()
    const url = await listenOn(app)
    const headers = { ...authHeaders(testUser), 'user-agent': 'sqlmap/1.7' }
    const stream = await fetch(`${url}/api/v1/events`, { headers })
    expect((await told()).lines).toHaveLength(1)
    await app.live.stop()
    await stream.text() // it has ended
    expect((await told()).lines).toHaveLength(1)
  })

  test('that asks for a WebSocket in vain is told of once', async ({ open, authHeaders, testUser }) => {
    const { app, told } = await open()
    const protocol = authHeaders(testUser).authorization.replace('Bearer ', 'bearer, ')
    const headers = { 'sec-websocket-protocol': protocol, 'user-agent': 'sqlmap/1.7' }
    const reply = await callerOf(app, headers).get('/ws')
    expect(reply.statusCode).toBe(426)
    expect((await told()).lines).toHaveLength(1)
  })

  test('by somebody who is in no company any more is of none', async ({ open, trusted, authHeaders, testUser }) => {
    const { app, told } = await open()
    await trusted(({ db }) => db.delete(userCompanyRoles).where(eq(userCompanyRoles.user_id, testUser.id)))
    const caller = callerOf(app, authHeaders(testUser))
    await vi.waitFor(async () => expect((await caller.get('/products')).statusCode).toBe(403)) // once it is known
    await caller.get(inQuery(INJECTION))
    expect((await told()).entries).toMatchObject([{ company_id: null, user_id: testUser.id }])
  })

  test.for([
    'q=union%20select',
    'q=union+select',
    'f=..%2f..%2f',
    'f=%252e%252e',
    'q=%3Cscript',
    'q=%253Cscript%253E',
    'q=%u003Cscript',
    'q=%26lt;script%26gt;',
    'q=%EF%BC%9Cscript%EF%BC%9E',
  ])('is found as ?%s', async (query, { open }) => {
    const { app, told } = await open()
    await callerOf(app).get(`/products?${query}`)
    expect((await told()).lines).toHaveLength(1)
  })
})

describe('an ordinary request', () => {
  test.for([
    '?online=true&once=1&only=1',
    '?q=O%27Brien%3B%20DROP-shipping',
    '?price__gte=10&sort=-created_at,name',
    '?q=please+select+one+of+the+union',
  ])('is not told of: %s', async (query, { open, authHeaders, testUser }) => {
    const { app, told } = await open()
    await callerOf(app, authHeaders(testUser)).get(`/products${query}`)
    await callerOf(app, authHeaders(testUser)).post('/products', { ...newProduct, name: "O'Brien; DROP-shipping" })
    expect(await told()).toEqual({ lines: [], entries: [] })
  })

  test('with a password like an attack is not told of', async ({ open }) => {
    const { app, told } = await open()
    await callerOf(app).post('/auth/login', { username: 'somebody', password: INJECTION })
    expect((await told()).lines).toEqual([])
  })
})

describe('a flood of attacks', () => {
  test('makes one entry of each kind, and a line each', async ({ open, authHeaders, testUser }) => {
    const { app, told } = await open()
    const caller = callerOf(app, authHeaders(testUser))
    for (let n = 0; n < 20; n++) {
      await caller.get(inQuery(`${INJECTION}${n}`))
      await caller.get('/products?f=../../../etc/passwd')
    }
    const { lines, entries } = await told()
    expect(lines).toHaveLength(40)
    expect(entries).toHaveLength(2)
  })

  test('from ever new addresses makes few entries', async ({ open }) => {
    const { app, told } = await open({ TRUSTED_PROXIES: ['127.0.0.1'] })
    for (let n = 0; n < 100; n++)
      await callerOf(app, { 'x-forwarded-for': `203.0.113.${n}` }).get('/x?f=../../../etc/passwd')
    const { lines, entries } = await told()
    expect(lines).toHaveLength(100)
    expect(entries.length).toBeLessThan(75) // sixty at once, and one a second
  })

  test('from one IPv6 network is from one caller', async ({ open }) => {
    const { app, told } = await open({ TRUSTED_PROXIES: ['127.0.0.1'] })
    for (let n = 1; n < 10; n++)
      await callerOf(app, { 'x-forwarded-for': `2001:db8:1:2:${n}::1` }).get('/x?f=../../../etc/passwd')
    expect((await told()).entries).toHaveLength(1)
  })
})

test('a request over the rate limit is looked at, too', async ({ open }) => {
  const { app, told } = await open({ RATE_LIMIT_ENABLED: true, RATE_LIMIT_PER_MINUTE: 1, RATE_LIMIT_BURST: 0 })
  const replies = [await callerOf(app).get(inQuery(INJECTION)), await callerOf(app).get(inQuery(INJECTION))]
  expect(replies.map(({ statusCode }) => statusCode)).toEqual([401, 429])
  expect((await told()).lines).toHaveLength(2)
})

test('a preflight that CORS answers is no trouble', async ({ open }) => {
  const origin = 'https://app.example.com'
  const { app, lines } = await open({ BACKEND_CORS_ORIGINS: [origin] })
  const headers = { origin, 'access-control-request-method': 'GET' }
  const reply = await app.inject({ method: 'OPTIONS', url: `/api/v1${inQuery(INJECTION)}`, headers })
  expect(reply.statusCode).toBe(204)
  expect(lines().filter(({ level }) => Number(level) >= 50)).toEqual([])
})

test('no line and no entry has anything that was sent but names', async ({ open, authHeaders, testUser }) => {
  const { app, told } = await open()
  const forged = '\n{"event_type":"suspicious_request","user_id":1}\n'
  const query = `/products?${encodeURIComponent(`a${forged}<script>`)}=${encodeURIComponent(`<script>in-the-value${forged}`)}`
  await callerOf(app, authHeaders(testUser)).get(query)
  await callerOf(app, authHeaders(testUser)).post('/products', { [`b${forged}`]: `' or 1=1--${forged}` })
  const { lines, entries } = await told()
  expect(lines).toHaveLength(2)
  const said = JSON.stringify([lines, entries])
  expect(said).not.toContain('in-the-value')
  expect(said).not.toContain('event_type\\"')
})

import { eq } from 'drizzle-orm'
import type { Settings } from '../../../app/core/config.ts'
import { vi } from 'vitest'
import { activityLogs, userCompanyRoles } from '../../../app/models/index.ts'
import { callerOf, newProduct } from '../../support/caller.ts'
import { describe, expect, test as base } from '../../support/fixtures.ts'
import { dial, listenOn } from '../../support/live.ts'
import { ownApp } from '../../support/own-app.ts'

const INJECTION = "' UNION SELECT username, password FROM users--"
const inQuery = (text: string) => `/products?q=${encodeURIComponent(text)}`
const SUSPICIOUS = 'suspicious_request'

/** An app of its own with these settings, and what it has told so far. */
const test = base.extend('open', ({ engine, settings, trusted }, { onCleanup }) => {
  const opened: AsyncDisposable[] = []
  onCleanup(async () => {
    for (const one of opened) await one[Symbol.asyncDispose]()
  })
  return async (given: Partial<Settings> = {}) => {
    const own = await ownApp({ engine, settings: { ...settings, THREAT_DETECTION_ENABLED: true, ...given } })
    opened.push(own)
    const told = async () => {
      await own.app.auth.background.settled()
      const lines = own.securityLines().filter(({ event_type }) => event_type === SUSPICIOUS)
      const entries = await trusted(({ db }) =>
        db.select().from(activityLogs).where(eq(activityLogs.action, SUSPICIOUS)).orderBy(activityLogs.id),
      )
      return { lines, entries }
    }
    return { ...own, told }
  }
})

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
    expect(where).toEqual(['body.name', 'body.nonsense.deep'])
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
    expect(lines).toMatchObject([{ path: '/api/v1/ws' }, { path: '/api/v1/events', user_id: testUser.id }])
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

test('a preflight that CORS answers is no trouble', async ({ open }) => {
  const origin = 'https://app.example.com'
  const { app, lines } = await open({ BACKEND_CORS_ORIGINS: [origin] })
  const headers = { origin, 'access-control-request-method': 'GET' }
  const reply = await app.inject({ method: 'OPTIONS', url: `/api/v1${inQuery(INJECTION)}`, headers })
  expect(reply.statusCode).toBe(204)
  expect(lines().filter(({ level }) => Number(level) >= 50)).toEqual([])
})

describe('THREAT_BLOCK', () => {
  test('refuses what scores high, with a text that tells nothing of the reason', async ({
    open,
    authHeaders,
    testUser,
    testCompany,
  }) => {
    const { app, told } = await open({ THREAT_BLOCK: true })
    const reply = await callerOf(app, authHeaders(testUser)).get(inQuery(INJECTION))
    expect([reply.statusCode, reply.json()]).toEqual([
      403,
      { detail: 'The request was refused', code: 'request_blocked', request_id: reply.headers['x-request-id'] },
    ])
    const { lines, entries } = await told()
    expect(lines).toMatchObject([{ user_id: testUser.id, details: { blocked: true } }])
    expect(entries).toMatchObject([
      { company_id: testCompany.id, success: false, metadata: { blocked: true, status: 403 } },
    ])
  })

  test('refuses bodies before anything is done', async ({ open, authHeaders, testUser }) => {
    const { app } = await open({ THREAT_BLOCK: true })
    const caller = callerOf(app, authHeaders(testUser))
    const body = { ...newProduct, description: '<script>alert(document.cookie)</script>' }
    expect((await caller.post('/products', body)).json().code).toBe('request_blocked')
    expect((await caller.get('/products?name=Anvil')).json().total).toBe(0)
    expect((await callerOf(app).get(inQuery(INJECTION))).json().code).toBe('request_blocked')
    expect((await callerOf(app).get('/nope?f=../../../etc/passwd')).json().code).toBe('request_blocked')
  })

  test('lets pass what is suspicious only, and tells of it', async ({ open, authHeaders, testUser }) => {
    const { app, told } = await open({ THREAT_BLOCK: true })
    const reply = await callerOf(app, authHeaders(testUser)).get('/products?q=union+select')
    expect(reply.statusCode).toBe(200)
    expect((await told()).lines).toMatchObject([{ severity: 'MEDIUM', details: { score: 45, blocked: false } }])
  })

  test('goes by THREAT_BLOCK_SCORE, and telling by THREAT_SCORE', async ({ open }) => {
    const strict = await open({ THREAT_BLOCK: true, THREAT_BLOCK_SCORE: 45 })
    expect((await callerOf(strict.app).get('/products?q=union+select')).json().code).toBe('request_blocked')
    const deaf = await open({ THREAT_SCORE: 46 })
    await callerOf(deaf.app).get('/products?q=union+select')
    expect((await deaf.told()).lines).toEqual([])
  })

  test('is off by default', async ({ settings }) => {
    expect(settings).toMatchObject({ THREAT_BLOCK: false, THREAT_SCORE: 30, THREAT_BLOCK_SCORE: 80 })
  })
})

describe('THREAT_DETECTION_ENABLED=false', () => {
  test('looks at nothing', async ({ open }) => {
    const { app, told } = await open({ THREAT_DETECTION_ENABLED: false, THREAT_BLOCK: true })
    await callerOf(app).get(inQuery(INJECTION))
    await app.inject('/%c0%ae%c0%ae/etc/passwd')
    expect(await told()).toEqual({ lines: [], entries: [] })
  })
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

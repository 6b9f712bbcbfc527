import { vi } from 'vitest'
import { keyHash, newApiKey } from '../../../app/core/api-keys.ts'
import { MemoryLimiter } from '../../../app/core/rate-limits/memory-limiter.ts'
import { openServer } from '../../../app/db/server.ts'
import { countingEngine } from '../../support/counting-engine.ts'
import { bearer } from '../../support/caller.ts'
import { PASSWORD, describe, expect, test } from '../../support/fixtures.ts'
import { limitedApp } from '../../support/limited-app.ts'
import { LIMITERS } from '../../support/limiters.ts'

const ORIGIN = 'https://app.example.com'
const limitsIn = (headers: Record<string, unknown>) =>
  ['limit', 'remaining', 'reset'].map((name) => headers[`x-ratelimit-${name}`])

describe.each(LIMITERS)('rate limits counted in %s', (_name, open) => {
  test('let through what is promised and the burst, say how much is left, and when another passes', async ({
    engine,
  }) => {
    await using app = await limitedApp(engine, {}, open)
    const replies = []
    for (let n = 0; n < 7; n++) replies.push(await app.ask())
    expect(replies.map(({ statusCode }) => statusCode)).toEqual([404, 404, 404, 404, 404, 429, 429])
    const told = replies.map(({ headers }) => limitsIn(headers).slice(0, 2))
    expect(told).toEqual(['2', '1', '0', '0', '0', '0', '0'].map((remaining) => ['3', remaining]))
    const { headers, body } = replies[5]!
    expect(JSON.parse(body)).toEqual({
      detail: 'Too many requests; try again later',
      code: 'rate_limited',
      request_id: headers['x-request-id'],
    })
    const seconds = Number(headers['retry-after'])
    expect(seconds).toBeGreaterThan(50)
    expect(seconds).toBeLessThanOrEqual(61)
    expect(Math.abs(Number(headers['x-ratelimit-reset']) - Date.now() / 1000 - 61)).toBeLessThan(10)
    await app.pass(seconds - 10)
    expect(await app.statuses(1)).toEqual([429])
    await app.pass(10)
    expect(await app.statuses(1)).toEqual([404])
  })

  test('count users by themselves, wherever they are, and their programs for them', async ({
    engine,
    authHeaders,
    testUser,
    viewerUser,
  }) => {
    await using app = await limitedApp(engine, {}, open)
    const [one, other] = [authHeaders(testUser), authHeaders(viewerUser)]
    const payload = { name: 'program', permissions: ['product.read'] }
    const made = await app.ask({ method: 'POST', url: '/api/v1/auth/api-keys', headers: one, payload })
    expect([made.statusCode, ...limitsIn(made.headers).slice(0, 2)]).toEqual([201, '4', '3'])
    const program = bearer(made.json<{ key: string }>().key)
    const me = { url: '/api/v1/auth/me' }
    expect(await app.statuses(1, { ...me, headers: one, from: '192.0.2.2' })).toEqual([200])
    expect(await app.statuses(1, { ...me, headers: program, from: '192.0.2.3' })).toEqual([200])
    expect(await app.statuses(2, { ...me, headers: one })).toEqual([200, 429])
    expect(await app.statuses(1, { ...me, headers: program, from: '192.0.2.4' })).toEqual([429])
    expect(await app.statuses(5, { ...me, headers: other })).toEqual([200, 200, 200, 200, 429])
    expect(await app.statuses(6)).toEqual([404, 404, 404, 404, 404, 429])
  })

  test('count guesses of tokens and keys for the address, and stop no user there', async ({
    engine,
    authHeaders,
    testUser,
  }) => {
    await using app = await limitedApp(engine, {}, open)
    const me = { url: '/api/v1/auth/me' }
    const { authorization } = authHeaders(testUser)
    const guesses = [{ authorization: `${authorization}x` }, bearer(newApiKey()), bearer('x'), {}, bearer(newApiKey())]
    for (const headers of guesses) {
      const reply = await app.ask({ ...me, headers })
      expect([reply.statusCode, reply.headers['www-authenticate'], limitsIn(reply.headers)[0]]).toEqual([
        401,
        'Bearer',
        '3',
      ])
    }
    const refused = await app.ask({ ...me, headers: bearer(newApiKey()) })
    expect([refused.statusCode, refused.json().code]).toEqual([429, 'rate_limited'])
    expect(refused.headers).toMatchObject({ 'retry-after': expect.stringMatching(/^\d+$/) })
    expect(refused.headers['www-authenticate']).toBeUndefined()
    expect(await app.statuses(1)).toEqual([429])
    expect(await app.statuses(1, { ...me, headers: { authorization } })).toEqual([200])
  })

  test('stop guesses of keys before the database is asked, right ones too, but no program that is known', async ({
    engine,
    authHeaders,
    testUser,
  }) => {
    const counting = countingEngine(engine)
    await using app = await limitedApp(counting.engine, { RATE_LIMIT_USER_PER_MINUTE: '99' }, open)
    const payload = { name: 'program', permissions: ['product.read'] }
    const request = { method: 'POST', url: '/api/v1/auth/api-keys', headers: authHeaders(testUser), payload } as const
    const keyOf = async () => bearer((await app.ask(request)).json<{ key: string }>().key)
    const [known, unknown] = [await keyOf(), await keyOf()]
    const me = (headers: Record<string, string>) => ({ url: '/api/v1/auth/me', headers })
    let elsewhere = 0
    const useElsewhere = () => app.ask({ ...me(known), from: `198.51.100.${(elsewhere += 1)}` })
    const key_hash = keyHash(known.authorization.replace('Bearer ', ''))
    await vi.waitFor(async () => {
      const reply = await useElsewhere()
      expect([reply.statusCode, limitsIn(reply.headers)[0]]).toEqual([200, '99'])
      expect(app.app.principals.isStrange({ key_hash })).toBe(false)
    }, 10_000)
    await app.app.auth.background.settled()

    for (let n = 0; n < 5; n++) expect(await app.statuses(1, me(bearer(newApiKey())))).toEqual([401])
    const before = counting.count()
    for (let n = 0; n < 5; n++) expect(await app.statuses(1, me(bearer(newApiKey())))).toEqual([429])
    expect(await app.statuses(1, me(unknown))).toEqual([429])
    expect(counting.count()).toBe(before)
    expect(await app.statuses(1, me(known))).toEqual([200])
    expect(await app.statuses(1, { ...me(unknown), from: '192.0.2.8' })).toEqual([200])
  })

  test('count log-ins by address and account, right or wrong, known or not, in all spellings', async ({
    engine,
    testUser: { username },
  }) => {
    const env = { RATE_LIMIT_ENDPOINTS: '/auth/login=2/300', RATE_LIMIT_PER_MINUTE: '100' }
    await using app = await limitedApp(engine, env, open)
    const logIn = async (name: string, { password = PASSWORD, from = '192.0.2.1' } = {}) =>
      app.ask({ method: 'POST', url: '/api/v1/auth/login/', payload: { username: name, password }, from })
    const right = await logIn(username)
    expect([right.statusCode, ...limitsIn(right.headers).slice(0, 2)]).toEqual([200, '2', '1'])
    expect((await logIn(` ${username.toUpperCase()}`, { password: 'wrong' })).statusCode).toBe(401)
    const known = await logIn(username)
    expect([known.statusCode, ...limitsIn(known.headers).slice(0, 2)]).toEqual([429, '2', '0'])
    const form = new URLSearchParams({ username, password: PASSWORD, grant_type: 'password' }).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    expect(await app.statuses(1, { method: 'POST', url: '/api/v1/auth/login', payload: form, headers })).toEqual([429])

    expect((await logIn('nobody')).statusCode).toBe(401)
    expect((await logIn('nobody')).statusCode).toBe(401)
    const unknown = await logIn('nobody')
    const told = ({ statusCode, headers: all, body }: typeof known) => {
      const { 'x-request-id': id = '', 'retry-after': _, date: __, 'x-ratelimit-reset': ___, ...rest } = all
      return { statusCode, rest, body: body.replace(String(id), '') }
    }
    expect(told(unknown)).toEqual(told(known))

    expect((await logIn(username, { from: '192.0.2.2' })).statusCode).toBe(200)
    const seconds = Number(known.headers['retry-after'])
    expect(seconds).toBeGreaterThan(290)
    await app.pass(seconds)
    expect((await logIn(username)).statusCode).toBe(200)
  })
})

describe('an address', () => {
  test('is that of the connection, whatever X-Forwarded-For invents', async ({ engine }) => {
    await using app = await limitedApp(engine)
    const statuses = []
    for (let n = 1; n <= 12; n++) {
      const headers = {
        'x-forwarded-for': `203.0.113.${n}`,
        'x-real-ip': `203.0.113.${n}`,
        forwarded: `for=10.0.0.${n}`,
      }
      statuses.push((await app.ask({ headers })).statusCode)
    }
    expect(statuses).toEqual([404, 404, 404, 404, 404, ...Array.from({ length: 7 }, () => 429)])
  })

  test('is the one that a trusted proxy names, and no other in the list', async ({ engine }) => {
    await using app = await limitedApp(engine, { TRUSTED_PROXIES: '10.0.0.0/8' })
    const through = (list: string, from = '10.0.0.1') => ({ headers: { 'x-forwarded-for': list }, from })
    expect(await app.statuses(6, through('203.0.113.1'))).toEqual([404, 404, 404, 404, 404, 429])
    expect(await app.statuses(1, through('203.0.113.2'))).toEqual([404])
    expect(await app.statuses(1, through('198.51.100.7, 203.0.113.1'))).toEqual([429])
    expect(await app.statuses(1, through('198.51.100.7, 203.0.113.1, 10.9.9.9', '10.0.0.2'))).toEqual([429])
    expect(await app.statuses(1, through('203.0.113.1', '192.0.2.1'))).toEqual([404]) // who is no proxy is itself
  })

  test('of IPv6 counts by its network of 64 bits', async ({ engine }) => {
    await using app = await limitedApp(engine)
    for (let n = 1; n <= 5; n++) expect(await app.statuses(1, { from: `2001:db8:0:1:${n}::${n}` })).toEqual([404])
    expect(await app.statuses(1, { from: '2001:db8:0:1::9' })).toEqual([429])
    expect(await app.statuses(1, { from: '2001:db8:0:2::9' })).toEqual([404])
    expect(await app.statuses(5, { from: '::ffff:192.0.2.9' })).not.toContain(429)
    expect(await app.statuses(1, { from: '192.0.2.9' })).toEqual([429])
  })
})

describe('a refusal', () => {
  test('can be read by pages of known origins, and has the security headers and its line in the log', async ({
    engine,
  }) => {
    await using app = await limitedApp(engine, { BACKEND_CORS_ORIGINS: ORIGIN })
    await app.statuses(5)
    const reply = await app.ask({ headers: { origin: ORIGIN } })
    expect(reply.statusCode).toBe(429)
    expect(reply.headers).toMatchObject({
      'access-control-allow-origin': ORIGIN,
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-content-type-options': 'nosniff',
    })
    const exposed = String(reply.headers['access-control-expose-headers']).split(', ')
    const names = ['retry-after', 'x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset']
    expect(exposed).toEqual(expect.arrayContaining(names))
    await vi.waitFor(() =>
      expect(app.securityLines()).toEqual([
        expect.objectContaining({ event_type: 'rate_limit_exceeded', ip: '192.0.2.1', path: '/api/v1/nowhere' }),
      ]),
    )
  })

  test('comes before the body is read', async ({ engine, authHeaders, testUser }) => {
    await using app = await limitedApp(engine)
    const request = {
      method: 'POST',
      url: '/api/v1/products',
      headers: authHeaders(testUser),
      payload: 'no JSON',
    } as const
    expect(await app.statuses(5, request)).toEqual([415, 415, 415, 415, 429])
  })

  test('ends no sooner because somebody sets the clock on the wall', async ({ engine }) => {
    const limiter = new MemoryLimiter() // as servers have it
    const open = async () => ({ limiter, pass: async () => {}, [Symbol.asyncDispose]: () => limiter.close() })
    await using app = await limitedApp(engine, {}, open)
    await app.statuses(5)
    vi.useFakeTimers({ toFake: ['Date'] })
    try {
      for (const hours of [1, 48, -48]) {
        vi.setSystemTime(Date.now() + hours * 3_600_000)
        expect(await app.statuses(1)).toEqual([429])
      }
      expect(await app.statuses(1, { from: '192.0.2.2' })).toEqual([404])
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('what counts', () => {
  const FREE = ['/', '/health', '/health/ready', '/health/', '/api/v1/docs', '/api/v1/docs/', '/api/v1/redoc']
  const ASSETS = ['openapi.json', 'docs/start.js', 'docs/swagger-ui.css', 'docs/favicon.png', 'redoc/redoc.js']

  test('is nothing of what machines and browsers ask for by themselves', async ({ engine }) => {
    await using app = await limitedApp(engine, { BACKEND_CORS_ORIGINS: ORIGIN })
    await app.statuses(5)
    for (const url of [...FREE, ...ASSETS.map((name) => `/api/v1/${name}`)]) {
      const reply = await app.ask({ url })
      expect([url, reply.statusCode, reply.headers['x-ratelimit-limit']]).toEqual([url, 200, undefined])
    }
    const headers = { origin: ORIGIN, 'access-control-request-method': 'POST' }
    expect(await app.statuses(1, { method: 'OPTIONS', url: '/api/v1/products', headers })).toEqual([204])
    expect(await app.statuses(1)).toEqual([429])
  })

  test('is no readiness, which costs the database nothing however often it is asked', async ({ engine }) => {
    const counting = countingEngine(engine)
    await using app = await limitedApp(counting.engine)
    const ready = { url: '/health/ready' }
    expect(await app.statuses(1, ready)).toEqual([200])
    const before = counting.count()
    expect(before).toBeGreaterThan(0)
    await Promise.all([app.statuses(20, ready), app.statuses(20, ready)])
    expect(counting.count() - before).toBeLessThanOrEqual(before) // a second may have passed
  })

  test('is no refusal because the server cannot serve', async ({ authHeaders, testUser }) => {
    const engine = openServer({ url: 'postgres://nobody:secret@127.0.0.1:1/none', poolSize: 1 })
    await using app = await limitedApp(engine)
    const request = { url: '/api/v1/products', headers: authHeaders(testUser) }
    expect(await app.statuses(7, request)).toEqual(Array.from({ length: 7 }, () => 503))
    await engine.close()
  })

  test('is everything else', async ({ engine }) => {
    await using app = await limitedApp(engine)
    const REQUESTS = [
      [{ url: '/nowhere', method: 'POST' }, 404],
      [{ url: '/api/v1/docs/nowhere' }, 404],
      [{ url: '/api/v1/products', method: 'HEAD' }, 401],
      [{ url: '/api/v1/products', method: 'OPTIONS' }, 404],
      [{ url: '/api/v1/auth/login', method: 'POST' }, 422],
      [{ url: '/api/v1/auth/oauth/none/authorize' }, 404],
      [{ url: '/api/v1/ws' }, 401],
      [{ url: '/api/v1/events' }, 401],
    ] as const
    for (const [n, [request, status]] of REQUESTS.entries()) {
      const found = await app.statuses(6, { ...request, from: `192.0.2.${n}` })
      expect([request, found]).toEqual([request, [status, status, status, status, status, 429]])
    }
  })

  test('is a socket of a user', async ({ engine, authHeaders, testUser }) => {
    await using app = await limitedApp(engine)
    const token = authHeaders(testUser).authorization.replace('Bearer ', '')
    expect(await app.statuses(5, { url: `/api/v1/ws?token=${token}` })).toEqual([426, 426, 426, 426, 429])
  })

  test('is nothing where there are no limits', async ({ engine }) => {
    await using app = await limitedApp(engine, { RATE_LIMIT_ENABLED: 'false' })
    for (let n = 0; n < 9; n++) {
      const { statusCode, headers } = await app.ask()
      expect([statusCode, limitsIn(headers)]).toEqual([404, [undefined, undefined, undefined]])
    }
  })
})

describe('the limit of an endpoint', () => {
  const WIDE = { RATE_LIMIT_PER_MINUTE: '100', RATE_LIMIT_USER_PER_MINUTE: '100' }
  const limitedTo = (RATE_LIMIT_ENDPOINTS: string) => ({ ...WIDE, RATE_LIMIT_ENDPOINTS })

  test('is each user’s, for all methods and ids', async ({ engine, authHeaders, testUser, viewerUser }) => {
    await using app = await limitedApp(engine, limitedTo('/products/{id}=2/60,/users/:id/=1/60'))
    const headers = authHeaders(testUser)
    expect(await app.statuses(1, { url: '/api/v1/products/1', headers })).toEqual([404])
    expect(await app.statuses(1, { url: '/api/v1/products/2/', method: 'HEAD', headers })).toEqual([404])
    const refused = await app.ask({ url: '/api/v1/products/3', headers })
    expect([refused.statusCode, ...limitsIn(refused.headers).slice(0, 2)]).toEqual([429, '2', '0'])
    expect(await app.statuses(1, { url: '/api/v1/products', headers })).toEqual([200])
    expect(await app.statuses(1, { url: '/api/v1/products/1', headers: authHeaders(viewerUser) })).toEqual([404])
    expect(await app.statuses(2, { url: `/api/v1/users/${testUser.id}`, headers })).toEqual([200, 429])
  })

  test('counts besides the general one', async ({ engine, authHeaders, testUser }) => {
    await using app = await limitedApp(engine, { ...limitedTo('/auth/me=50/60'), RATE_LIMIT_USER_PER_MINUTE: '3' })
    const request = { url: '/api/v1/auth/me', headers: authHeaders(testUser) }
    expect(await app.statuses(4, request)).toEqual([200, 200, 200, 429])
  })

  test('is the address’ where nobody is known', async ({ engine }) => {
    await using app = await limitedApp(engine, limitedTo('/auth/refresh=2/60'))
    const request = { url: '/api/v1/auth/refresh', method: 'POST', payload: { refresh_token: 'x' } } as const
    expect(await app.statuses(3, request)).toEqual([401, 401, 429])
    expect(await app.statuses(1, { ...request, from: '192.0.2.2' })).toEqual([401])
  })

  test('holds registrations by address, whatever names they make up', async ({ engine }) => {
    await using app = await limitedApp(engine, { ...WIDE, REGISTRATION_ENABLED: 'true' })
    const register = (n: number) => ({
      url: '/api/v1/auth/register',
      method: 'POST' as const,
      payload: { username: `new${n}`, email: `new${n}@example.com`, full_name: 'New', password: 'short' },
    })
    const statuses = []
    for (const n of [1, 2, 3, 4]) statuses.push(...(await app.statuses(1, register(n))))
    expect(statuses.at(-1)).toBe(429)
    expect(statuses.slice(0, 3)).not.toContain(429)
  })

  test('holds links for new passwords by address and account', async ({ engine }) => {
    await using app = await limitedApp(engine, WIDE)
    const forgot = (email: string) => ({
      url: '/api/v1/auth/forgot-password',
      method: 'POST' as const,
      payload: { email },
    })
    expect(await app.statuses(4, forgot('nobody@example.com'))).toEqual([202, 202, 202, 429])
    expect(await app.statuses(1, forgot('Nobody@Example.com'))).toEqual([429])
    expect(await app.statuses(1, forgot('another@example.com'))).toEqual([202])
  })

  test('leaves wrong names of one address to the general one', async ({ engine }) => {
    await using app = await limitedApp(engine, { RATE_LIMIT_PER_MINUTE: '3', RATE_LIMIT_BURST: '0' })
    const statuses = []
    for (const name of ['a', 'b', 'c', 'd']) {
      const payload = { username: name, password: 'wrong' }
      statuses.push(...(await app.statuses(1, { url: '/api/v1/auth/login', method: 'POST', payload })))
    }
    expect(statuses).toEqual([401, 401, 401, 429])
  })

  test('of an endpoint that is none stops the start, with a guess of what was meant', async ({ engine }) => {
    await using app = await limitedApp(engine, limitedTo('/auth/logn=5/300,/nothing/like/it=1/1,/auth/me=1/1'))
    await expect(app.ask()).rejects.toMatchObject({
      name: 'Error',
      faults: [
        'RATE_LIMIT_ENDPOINTS: there is no /auth/logn below /api/v1 (/auth/login?)',
        'RATE_LIMIT_ENDPOINTS: there is no /nothing/like/it below /api/v1 (./manage routes)',
      ],
    })
  })
})

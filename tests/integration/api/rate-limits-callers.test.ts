import { vi } from 'vitest'
import { keyHash, newApiKey } from '../../../app/core/api-keys.ts'
import { MemoryLimiter } from '../../../app/core/rate-limits/memory-limiter.ts'
import { countingEngine } from '../../support/counting-engine.ts'
import { bearer } from '../../support/caller.ts'
import { PASSWORD, describe, expect, test } from '../../support/fixtures.ts'
import { ORIGIN, limitedApp, limitsIn } from '../../support/limited-app.ts'
import { LIMITERS } from '../../support/limiters.ts'

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

import { openServer } from '../../../app/db/server.ts'
import { countingEngine } from '../../support/counting-engine.ts'
import { describe, expect, test } from '../../support/fixtures.ts'
import { ORIGIN, limitedApp, limitsIn } from '../../support/limited-app.ts'

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

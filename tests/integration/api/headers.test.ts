import { callerOf, newProduct } from '../../support/caller.ts'
import { describe, expect, test } from '../../support/fixtures.ts'
import { ownApp } from '../../support/own-app.ts'
import { testSettings } from '../../support/settings.ts'

const HEADERS = {
  'content-security-policy':
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; form-action 'self'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-xss-protection': '0',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'permissions-policy': expect.stringContaining('camera=()'),
  'cache-control': 'no-store',
  'x-request-id': expect.stringMatching(/^[\w-]{36}$/),
}
const ORIGIN = 'https://app.example.com'
const withOrigins = () => testSettings({ BACKEND_CORS_ORIGINS: ORIGIN })

describe('the security headers', () => {
  test('are on every reply, errors included', async ({ as, app, testUser, viewerUser }) => {
    const user = as(testUser)
    const replies = [
      [200, await app.inject('/')],
      [200, await app.inject('/health')],
      [200, await user.get('/products')],
      [201, await user.post('/products', newProduct)],
      [400, await user.post('/products', newProduct)],
      [400, await app.inject('/%zz')],
      [401, await as().get('/products')],
      [403, await as(viewerUser).post('/products', newProduct)],
      [404, await app.inject('/nope')],
      [415, await user.post('/products', 'x', { 'content-type': 'text/plain' })],
      [422, await user.post('/products', {})],
      [204, await user.post('/auth/logout')],
    ] as const
    for (const [status, reply] of replies) {
      expect(reply.statusCode).toBe(status)
      expect(reply.headers).toMatchObject(HEADERS)
      expect(reply.headers['strict-transport-security']).toBeUndefined()
    }
  })

  test('ask for TLS in production, and only there', async ({ engine }) => {
    await using own = await ownApp({ engine, settings: testSettings({ ENVIRONMENT: 'production' }) })
    expect((await own.app.inject('/')).headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains')
  })
})

describe('a request id', () => {
  test('that the caller gives comes back, in the header and in an error', async ({ as }) => {
    const reply = await as().get('/products', undefined, { 'x-request-id': 'trace-4711.a_B' })
    expect(reply.headers['x-request-id']).toBe('trace-4711.a_B')
    expect(reply.json().request_id).toBe('trace-4711.a_B')
  })

  test.for(['', 'with space', '"},{"forged":"', 'é', 'a'.repeat(65), '<b>'])(
    'is our own where the given one is "%s"',
    async (given, { as }) => {
      const reply = await as().get('/products', undefined, { 'x-request-id': given })
      expect(reply.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    },
  )
})

describe('CORS', () => {
  test('lets a known origin read every reply, errors included', async ({ engine, authHeaders, testUser }) => {
    await using own = await ownApp({ engine, settings: withOrigins() })
    const caller = callerOf(own.app, { origin: ORIGIN, ...authHeaders(testUser) })
    const replies = [
      await caller.get('/products'),
      await caller.get('/nope'),
      await caller.post('/products', {}),
      await callerOf(own.app, { origin: ORIGIN }).get('/products'),
    ]
    expect(replies.map((reply) => reply.statusCode)).toEqual([200, 404, 422, 401])
    for (const reply of replies) {
      expect(reply.headers).toMatchObject({ ...HEADERS, 'access-control-allow-origin': ORIGIN, vary: 'Origin' })
      expect(reply.headers['access-control-expose-headers']).toContain('x-request-id')
    }
  })

  test('answers a preflight with what may be sent', async ({ engine }) => {
    await using own = await ownApp({ engine, settings: withOrigins() })
    const headers = {
      origin: ORIGIN,
      'access-control-request-method': 'PATCH',
      'access-control-request-headers': 'if-match',
    }
    const reply = await own.app.inject({ method: 'OPTIONS', url: '/api/v1/products/1', headers })
    expect(reply.statusCode).toBe(204)
    expect(reply.headers['access-control-allow-methods']).toContain('PATCH')
    for (const name of ['authorization', 'x-company-id', 'idempotency-key', 'if-match'])
      expect(reply.headers['access-control-allow-headers']).toContain(name)
  })

  test.for(['https://evil.example.com', 'https://app.example.com.evil.org', 'null', 'http://app.example.com'])(
    'lets %s read nothing',
    async (origin, { engine }) => {
      await using own = await ownApp({ engine, settings: withOrigins() })
      const reply = await own.app.inject({ url: '/', headers: { origin } })
      expect(reply.headers['access-control-allow-origin']).toBeUndefined()
    },
  )

  test('is off where no origin is set', async ({ app }) => {
    const reply = await app.inject({ url: '/', headers: { origin: ORIGIN } })
    expect(Object.keys(reply.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })
})

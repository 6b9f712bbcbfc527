import { createSigner } from 'fast-jwt'
import { eq } from 'drizzle-orm'
import { createTokens } from '../../../app/core/tokens.ts'
import { users } from '../../../app/models/index.ts'
import { bearer, callerOf, logIn } from '../../support/caller.ts'
import { describe, expect, test } from '../../support/fixtures.ts'

const segment = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

type Claims = Record<string, unknown>
/** How to spoil a good token: from its text, its claims and the right key. */
const SPOILT: Record<string, (token: string, claims: Claims, key: string) => string> = {
  'that is no token': () => 'nonsense',
  'with another signature': (token) => `${token.slice(0, -4)}AAAA`,
  'with other claims': (token, claims) => {
    const [head, , signature] = token.split('.')
    return [head, segment({ ...claims, sub: '1' }), signature].join('.')
  },
  'with alg=none': (_, claims) => `${segment({ alg: 'none', typ: 'JWT' })}.${segment(claims)}.`,
  'with another algorithm': (_, claims, key) => createSigner({ key, algorithm: 'HS512' })(claims),
  'of another key': (_, claims) => createSigner({ key: 'another key, as long as the right one is' })(claims),
  'of another issuer': (_, claims, key) => createSigner({ key })({ ...claims, iss: 'elsewhere' }),
  'for another audience': (_, claims, key) => createSigner({ key })({ ...claims, aud: 'elsewhere' }),
  'that has expired': (_, claims, key) => createSigner({ key })({ ...claims, iat: 1e9, exp: 1e9 + 60 }),
  'that never expires': (_, { exp: _exp, ...claims }, key) => createSigner({ key })(claims),
  'without a session': (_, { sid: _sid, ...claims }, key) => createSigner({ key })(claims),
  'of no session': (_, claims, key) => createSigner({ key })({ ...claims, sid: crypto.randomUUID() }),
  'that is a refresh token': (_, claims, key) => createSigner({ key })({ ...claims, type: 'refresh' }),
}

describe('an access token', () => {
  test.for(Object.entries(SPOILT))(
    '%s is refused with one text',
    async ([, spoil], { as, app, authHeaders, testUser, settings }) => {
      const good = authHeaders(testUser).authorization.slice('Bearer '.length)
      const claims = JSON.parse(Buffer.from(good.split('.')[1] ?? '', 'base64url').toString()) as Claims
      const reply = await callerOf(app, bearer(spoil(good, claims, settings.SECRET_KEY))).get('/auth/me')
      expect(reply.statusCode).toBe(401)
      expect(reply.headers['www-authenticate']).toBe('Bearer')
      const { request_id: _, ...body } = reply.json()
      expect(body).toEqual({ detail: 'Invalid or expired token', code: 'not_authenticated' })
      expect((await as(testUser).get('/auth/me')).statusCode).toBe(200)
    },
  )

  test.for(['', 'Bearer', 'Bearer ', 'Basic ZWRpdG9yOng=', 'Bearer  x'])(
    'is missing from "%s"',
    async (authorization, { app }) => {
      const reply = await callerOf(app, { authorization }).get('/auth/me')
      expect(reply.statusCode).toBe(401)
      expect(reply.json()).toMatchObject({ detail: 'Not authenticated', code: 'not_authenticated' })
    },
  )

  test('is asked for before a body is read', async ({ as }) => {
    expect((await as().post('/products', '{"broken')).statusCode).toBe(401)
  })
})

describe('log-out', () => {
  test('ends its session for the next request, and no other', async ({ as, app }) => {
    const [one, two] = [await logIn(as()), await logIn(as())]
    const [first, second] = [callerOf(app, bearer(one.access_token)), callerOf(app, bearer(two.access_token))]
    expect((await first.get('/auth/me')).statusCode).toBe(200)
    expect((await first.post('/auth/logout')).statusCode).toBe(204)
    await expect.poll(async () => (await first.get('/auth/me')).statusCode, { timeout: 1000, interval: 5 }).toBe(401)
    expect((await as().post('/auth/refresh', { refresh_token: one.refresh_token })).statusCode).toBe(401)
    expect((await second.get('/auth/me')).statusCode).toBe(200)
  })

  test('works with an Idempotency-Key and with an empty JSON body', async ({ as, testUser }) => {
    const headers = { 'idempotency-key': 'leave', 'content-type': 'application/json' }
    expect((await as(testUser).post('/auth/logout', undefined, headers)).statusCode).toBe(204)
  })
})

describe('refresh', () => {
  test('gives new tokens that work, each once', async ({ as, app }) => {
    const first = await logIn(as())
    const reply = await as().post('/auth/refresh', { refresh_token: first.refresh_token })
    expect(reply.statusCode).toBe(200)
    const second = reply.json()
    expect(second.refresh_token).not.toBe(first.refresh_token)
    expect((await callerOf(app, bearer(second.access_token)).get('/auth/me')).json()).toMatchObject({
      username: 'manager',
    })
    expect((await as().post('/auth/refresh', { refresh_token: second.refresh_token })).statusCode).toBe(200)
  })

  test('with a used token ends the whole family', async ({ as, app }) => {
    const first = await logIn(as())
    const second = (await as().post('/auth/refresh', { refresh_token: first.refresh_token })).json()
    const caller = callerOf(app, bearer(second.access_token))
    expect((await caller.get('/auth/me')).statusCode).toBe(200)
    expect((await as().post('/auth/refresh', { refresh_token: first.refresh_token })).statusCode).toBe(401)
    expect((await as().post('/auth/refresh', { refresh_token: second.refresh_token })).statusCode).toBe(401)
    await expect.poll(async () => (await caller.get('/auth/me')).statusCode, { timeout: 1000, interval: 5 }).toBe(401)
  })

  test('by two at once with one token lets one through at most', async ({ as }) => {
    const { refresh_token } = await logIn(as())
    const replies = await Promise.all([1, 2].map(() => as().post('/auth/refresh', { refresh_token })))
    expect(replies.map((reply) => reply.statusCode).toSorted((a, b) => a - b)).toEqual([200, 401])
  })

  test('refuses an access token, a forged one and that of an inactive user', async ({
    as,
    trusted,
    settings,
    testUser,
  }) => {
    const { access_token, refresh_token } = await logIn(as())
    const claims = { sub: String(testUser.id), sid: crypto.randomUUID(), company_id: null }
    const forged = createTokens({ ...settings, SECRET_KEY: 'x'.repeat(32) }).sign({ ...claims, type: 'refresh' })
    await trusted(({ db }) => db.update(users).set({ is_active: false }).where(eq(users.id, testUser.id)))
    for (const token of [access_token, forged, refresh_token]) {
      const reply = await as().post('/auth/refresh', { refresh_token: token })
      expect(reply.json()).toMatchObject({ detail: 'Invalid or expired token', code: 'not_authenticated' })
    }
  })
})

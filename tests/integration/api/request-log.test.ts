import { callerOf } from '../../support/caller.ts'
import { PASSWORD, describe, expect, test } from '../../support/fixtures.ts'
import { ownApp } from '../../support/own-app.ts'

describe('the request log', () => {
  test('has one line a request: who asked for what, and how it went', async ({
    engine,
    settings,
    authHeaders,
    testUser,
  }) => {
    await using own = await ownApp({ engine, settings })
    const user = callerOf(own.app, authHeaders(testUser))
    const replies = [
      await user.get('/products?q=anvil'),
      await callerOf(own.app).get('/products'),
      await user.get('/nope'),
    ]
    const line = { level: 30, msg: 'request', method: 'GET', ip: '127.0.0.1', ms: expect.any(Number) }
    expect(own.lines()).toMatchObject([
      {
        ...line,
        path: '/api/v1/products',
        status: 200,
        user_id: testUser.id,
        request_id: replies[0]?.headers['x-request-id'],
      },
      {
        ...line,
        path: '/api/v1/products',
        status: 401,
        user_id: null,
        request_id: replies[1]?.headers['x-request-id'],
      },
      { ...line, path: '/api/v1/nope', status: 404, request_id: replies[2]?.headers['x-request-id'] },
    ])
  })

  test('has no query string, no token and no password', async ({ engine, settings, authHeaders, testUser }) => {
    await using own = await ownApp({ engine, settings })
    const { authorization } = authHeaders(testUser)
    await callerOf(own.app, { authorization }).get('/products?token=in-the-query&q=in-the-query')
    await callerOf(own.app).post('/auth/login', { username: 'editor', password: PASSWORD })
    await own.app.inject('/%zz?in-the-query')
    const text = JSON.stringify(own.lines())
    expect(own.lines()).toHaveLength(3)
    for (const secret of ['in-the-query', PASSWORD, authorization.slice(-20), 'eyJ']) expect(text).not.toContain(secret)
  })

  test('leaves out what is asked for all the time', async ({ engine, settings }) => {
    await using own = await ownApp({ engine, settings })
    for (const url of [
      '/',
      '/health',
      '/health/ready',
      '/api/v1/docs',
      '/api/v1/redoc',
      '/api/v1/openapi.json',
      '/health?x=1',
    ])
      expect((await own.app.inject(url)).statusCode, url).toBe(200)
    expect(own.lines()).toEqual([])
  })

  test('cannot be made to have a line that nobody wrote', async ({ engine, settings }) => {
    await using own = await ownApp({ engine, settings })
    const forged = '{"level":30,"msg":"request","user_id":1}'
    const headers = { 'user-agent': `x\t${forged}`, 'x-request-id': forged, 'x-forwarded-for': forged }
    await own.app.inject({ url: `/a%0a${encodeURIComponent(forged)}%0d%0a`, headers })
    await own.app.inject({ url: `/a\n${forged}\n`, headers })
    await own.app.inject({ url: `/%zz\n${forged}\n`, headers })
    expect(own.lines()).toHaveLength(3)
    for (const line of own.lines())
      expect(line).toMatchObject({ user_id: null, ip: '127.0.0.1', path: expect.stringContaining('level') })
  })

  test('believes X-Forwarded-For from a trusted proxy alone', async ({ engine, settings }) => {
    const headers = { 'x-forwarded-for': '203.0.113.7' }
    for (const [TRUSTED_PROXIES, ip] of [
      [[], '127.0.0.1'],
      [['127.0.0.1'], '203.0.113.7'],
    ] as const) {
      await using own = await ownApp({ engine, settings: { ...settings, TRUSTED_PROXIES: [...TRUSTED_PROXIES] } })
      await own.app.inject({ url: '/nope', headers })
      expect(own.lines()).toMatchObject([{ ip }])
    }
  })
})

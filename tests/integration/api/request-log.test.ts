import Fastify from 'fastify'
import { LogLevels } from '../../../app/core/log-levels.ts'
import { requestLogging } from '../../../app/middleware/request-logging.ts'
import { callerOf, newProduct } from '../../support/caller.ts'
import { PASSWORD, describe, expect, test } from '../../support/fixtures.ts'
import { logInMemory, ownApp } from '../../support/own-app.ts'
import { testSettings } from '../../support/settings.ts'

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

  test('has the query string with secrets masked, and no token and no password', async ({
    engine,
    settings,
    authHeaders,
    testUser,
  }) => {
    await using own = await ownApp({ engine, settings })
    const { authorization } = authHeaders(testUser)
    await callerOf(own.app, { authorization }).get(
      `/products?access_token=in-the-query&q=anvil&q=${authorization.slice(7)}&next=${encodeURIComponent('/x?Pin=in-the-query')}`,
    )
    await callerOf(own.app).post('/auth/login', { username: 'manager', password: PASSWORD })
    await own.app.inject('/%zz?secret=in-the-query')
    const text = JSON.stringify(own.lines())
    expect(own.lines()).toHaveLength(3)
    expect(own.lines()[0]?.['query']).toEqual({ access_token: '***', q: ['anvil', '***'], next: '/x?Pin=***' })
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

  test('has bodies and headers where the level of the module is DEBUG, with what is secret in them masked', async ({
    engine,
    authHeaders,
    testUser,
  }) => {
    const settings = testSettings({ LOG_LEVELS: 'app.api.v1.auth=DEBUG' })
    await using own = await ownApp({ engine, settings })
    const user = callerOf(own.app, { ...authHeaders(testUser), cookie: 'session=in-a-cookie', 'x-client': 'till 4' })
    await user.post('/auth/change-password', { current_password: PASSWORD, new_password: PASSWORD })
    await user.post('/products', newProduct)
    const [changed, created] = own.lines()
    expect(changed).toMatchObject({
      module: 'app.api.v1.auth.change-password',
      body: { current_password: '***', new_password: '***' },
      headers: { authorization: '***', cookie: '***', 'x-client': 'till 4' },
    })
    expect(created).not.toHaveProperty('body')
    expect(created).not.toHaveProperty('headers')
    for (const secret of [PASSWORD, 'in-a-cookie', 'eyJ']) expect(JSON.stringify(own.lines())).not.toContain(secret)
  })

  test('leaves out what the settings name, and warns of what failed or was slow alone where that is the level', async ({
    engine,
  }) => {
    const settings = testSettings({
      LOG_EXCLUDED_PATHS: '/api/v1/ping,/api/v1/products',
      LOG_LEVELS: 'app.api.v1.roles=WARNING',
    })
    await using own = await ownApp({ engine, settings })
    for (const path of ['/ping', '/products?x=1', '/roles', '/users']) await callerOf(own.app).get(path)
    expect(own.lines()).toMatchObject([{ path: '/api/v1/users' }])
    expect(own.securityLines()).toMatchObject([
      { path: '/api/v1/products' },
      { path: '/api/v1/roles' },
      { path: '/api/v1/users' },
    ])
  })

  test.for([
    [1999, 30, undefined],
    [2001, 40, undefined],
    [4999, 40, undefined],
    [5001, 40, 'SLOW'],
  ] as const)('of a request that takes %d ms is of level %d', async ([ms, level, tag], { settings }) => {
    const { logger, lines } = logInMemory(settings)
    const app = Fastify({ loggerInstance: logger })
    requestLogging(app, { levels: new LogLevels(settings) })
    app.decorate('securityLog', logger)
    app.get('/nap', (_request, reply) => {
      const later = reply.elapsedTime + ms
      Object.defineProperty(reply, 'elapsedTime', { get: () => later })
      return 'done'
    })
    await app.inject('/nap')
    const line = lines().find(({ path }) => path === '/nap')
    expect(line).toMatchObject({ level, ms: expect.closeTo(ms, -3) })
    expect(line?.['tag']).toBe(tag)
  })
})

import { once } from 'node:events'
import { request } from 'node:http'
import { eq } from 'drizzle-orm'
import { apiKeys, sessions, userCompanyRoles, users } from '../../../app/models/index.ts'
import { keyHash, newApiKey } from '../../../app/core/api-keys.ts'
import { createTokens } from '../../../app/core/tokens.ts'
import { callerOf } from '../../support/caller.ts'
import { describe, expect } from '../../support/fixtures.ts'
import { test } from '../../support/live-fixtures.ts'
import { addMember } from '../../support/people.ts'

const note = (company_id: number, n = 1) => ({ type: 'notification:new' as const, company_id, data: { n } })

describe('a WebSocket', () => {
  test('is told that it is connected, and then what happens in its company', async ({
    connect,
    happen,
    testUser,
    outsider,
    testCompany,
    otherCompany,
  }) => {
    const listener = await connect(testUser)
    const other = await connect(outsider)
    expect(await listener.hear()).toEqual({
      type: 'connection:established',
      data: { user_id: testUser.id, connected_at: expect.any(String) },
      timestamp: expect.any(String),
      id: expect.any(Number),
    })
    await other.hear('connection:established')
    await happen(note(testCompany.id))
    expect(await listener.hear()).toEqual({
      type: 'notification:new',
      data: { n: 1 },
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      id: expect.any(Number),
    })
    await happen(note(otherCompany.id, 2))
    expect((await other.hear()).data).toEqual({ n: 2 })
    expect(await listener.echo()).toEqual([])
    expect(await other.echo()).toEqual([])
  })

  test('answers with the subprotocol, and takes the token from the address, too', async ({
    connect,
    testUser,
    tokenOf,
  }) => {
    expect((await connect(testUser)).socket.protocol).toBe('bearer')
    const query = `?token=${tokenOf(testUser)}`
    expect((await connect(testUser, { token: undefined, query })).socket.protocol).toBe('')
  })

  test('shows its token in no log line, and is logged when it comes and goes', async ({
    connect,
    own,
    testUser,
    tokenOf,
  }) => {
    const token = tokenOf(testUser)
    await (await connect(testUser)).hear()
    const listener = await connect(testUser, { token: undefined, query: `?token=${token}` })
    await listener.hear()
    await expect(connect(testUser, { token: undefined, query: `?token=x${token}` })).rejects.toThrow('401')
    listener.socket.close()
    await listener.closed()
    await expect.poll(() => own.live.clients.size).toBe(1)
    const who = { user_id: testUser.id, company_id: testUser.company_id, module: 'app.services.live' }
    expect(own.lines().filter(({ msg }) => !msg.startsWith('Server listening'))).toMatchObject([
      { ...who, msg: 'live connection connected', connections: 1 },
      { ...who, msg: 'live connection connected', connections: 2 },
      { ...who, msg: 'live connection disconnected', connections: 1, code: 1005 },
    ])
    expect(own.securityLines()).toMatchObject([{ event_type: 'authentication_failure', path: '/api/v1/ws' }])
    expect(JSON.stringify([own.lines(), own.securityLines()])).not.toContain(token.slice(-20))
  })

  test('answers a ping', async ({ connect, testUser }) => {
    const listener = await connect(testUser)
    await listener.hear('connection:established')
    listener.say({ type: 'ping' })
    expect(await listener.hear()).toMatchObject({ type: 'pong', data: {}, id: null })
  })

  test('is one of an API key, too', async ({ connect, happen, trusted, adminUser, testCompany }) => {
    const key = newApiKey()
    const row = { user_id: adminUser.id, company_id: testCompany.id, name: 'k', permissions: ['product.read'] }
    await trusted(({ db }) => db.insert(apiKeys).values({ ...row, key_hash: keyHash(key) }))
    const listener = await connect(adminUser, { token: key })
    await listener.hear('connection:established')
    await happen(note(testCompany.id))
    expect(await listener.hear()).toMatchObject({ type: 'notification:new' })
    await trusted(({ db }) => db.delete(apiKeys))
    expect(await listener.closed()).toMatchObject({ code: 4401 })
  })
})

describe('who has no business here is refused before the upgrade', () => {
  test('without a token, with a bad one, a refresh token, an expired one or one of a session that is over', async ({
    connect,
    own,
    settings,
    trusted,
    testUser,
    viewerUser,
    tokenOf,
  }) => {
    const session_id = crypto.randomUUID()
    const claims = { sub: String(testUser.id), sid: session_id, company_id: testUser.company_id }
    const expires_at = new Date(Date.now() + 60_000).toISOString()
    const row = { id: session_id, user_id: testUser.id, company_id: null, refresh_hash: '', expires_at }
    await trusted(({ db }) => db.insert(sessions).values(row))
    const refresh = own.app.tokens.sign({ ...claims, type: 'refresh' })
    const expired = createTokens({ ...settings, ACCESS_TOKEN_EXPIRE_MINUTES: -1 }).sign({ ...claims, type: 'access' })
    const unknown = own.app.tokens.sign({ ...claims, sid: crypto.randomUUID(), type: 'access' })
    for (const token of [undefined, 'x', 'x.y.z', refresh, expired, unknown])
      await expect(connect(testUser, { token }), token).rejects.toMatchObject({
        status: 401,
        headers: { 'www-authenticate': 'Bearer', 'content-type': 'application/json; charset=utf-8' },
      })
    await expect(connect(testUser, { token: undefined, query: '?token=x&token=y' })).rejects.toThrow('401')
    await connect(testUser, { token: own.app.tokens.sign({ ...claims, type: 'access' }) })
    await trusted(({ db }) => db.update(users).set({ is_active: false }).where(eq(users.id, viewerUser.id)))
    await expect.poll(() => connect(viewerUser).catch(String)).toContain('401')
    expect(tokenOf(viewerUser)).toMatch(/^ey/)
  })

  test('from a page of another site', async ({ connect, own, testUser }) => {
    const from = (origin: string) => connect(testUser, { headers: { origin } })
    for (const origin of ['https://evil.example', 'null', `${own.url}.evil.example`, 'http://127.0.0.1:1'])
      await expect(from(origin), origin).rejects.toThrow('403')
    await from(own.url)
  })

  test('with more than it takes, or less', async ({ connect, testUser }) => {
    for (const query of ['?since=x', '?since=-1', '?nope=1', '?company_id=0'])
      await expect(connect(testUser, { query }), query).rejects.toThrow(/422|403/)
  })

  test('into a company that is not theirs, or no company at all', async ({
    connect,
    happen,
    trusted,
    testUser,
    superuser,
    stranger,
    otherCompany,
  }) => {
    const query = `?company_id=${otherCompany.id}`
    await expect(connect(testUser, { query })).rejects.toThrow('403')
    await expect(connect(testUser, { query: '?company_id=999999' })).rejects.toThrow('403')
    await expect(connect(superuser, { query: '?company_id=all' })).rejects.toThrow(/403|422/)
    await expect(connect(stranger)).rejects.toThrow('403')
    await addMember(trusted, stranger, otherCompany, 'viewer')
    await expect.poll(() => connect(stranger, { query }).then(() => 'in', String)).toBe('in')
    const listener = await connect(superuser, { query })
    await listener.hear('connection:established')
    await happen(note(otherCompany.id))
    expect(await listener.hear('notification:new')).toMatchObject({ data: { n: 1 } })
  })

  test('with twenty connections already, until one of them ends', async ({ connect, own, testUser, viewerUser }) => {
    const open = await Promise.all(Array.from({ length: 20 }, () => connect(testUser)))
    await expect(connect(testUser)).rejects.toMatchObject({ status: 429, headers: { 'retry-after': '5' } })
    await connect(viewerUser)
    open[0]?.socket.close()
    await expect.poll(() => own.live.clients.countOf(testUser.id)).toBe(19)
    await connect(testUser)
  })
})

describe('what is no WebSocket', () => {
  test('is told to be one', async ({ own, authHeaders, testUser }) => {
    const reply = await callerOf(own.app, authHeaders(testUser)).get('/ws')
    expect([reply.statusCode, reply.headers['upgrade']]).toEqual([401, undefined])
    const { authorization } = authHeaders(testUser)
    const asked = await callerOf(own.app).get(`/ws?token=${authorization.slice(7)}`)
    expect([asked.statusCode, asked.headers['upgrade'], asked.json().code]).toEqual([
      426,
      'websocket',
      'upgrade_required',
    ])
  })

  test.for(['/health', '/api/v1/products', '/api/v1/nope', '/api/v1/ws/x'])(
    '%s answers a request for an upgrade as any other',
    async (path, { own, authHeaders, testUser }) => {
      const headers = { ...authHeaders(testUser), connection: 'Upgrade', upgrade: 'websocket' }
      const asked = request(own.url + path, { headers: { ...headers, 'sec-websocket-version': '13' } }).end()
      const ended = once(asked, 'close')
      const [reply] = (await once(asked, 'response')) as [{ statusCode: number; resume(): void }]
      reply.resume()
      expect(reply.statusCode).toBe((await own.app.inject({ url: path, headers: authHeaders(testUser) })).statusCode)
      await ended
    },
  )
})

test('a membership that ends closes the socket of that company alone', async ({
  connect,
  trusted,
  viewerUser,
  testCompany,
  otherCompany,
}) => {
  await addMember(trusted, viewerUser, otherCompany, 'viewer')
  const here = await connect(viewerUser)
  const there = await connect(viewerUser, { query: `?company_id=${otherCompany.id}` })
  await there.hear('connection:established')
  await trusted(({ db }) => db.delete(userCompanyRoles).where(eq(userCompanyRoles.company_id, testCompany.id)))
  expect(await here.closed()).toMatchObject({ code: 4401 })
  expect(await there.echo()).toEqual([])
})

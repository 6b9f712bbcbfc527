import { eq } from 'drizzle-orm'
import { newApiKey } from '../../../app/core/api-keys.ts'
import { apiKeys, userCompanyRoles, users } from '../../../app/models/index.ts'
import { bearer, callerOf } from '../../support/caller.ts'
import { describe, expect } from '../../support/fixtures.ts'
import { ownApp } from '../../support/own-app.ts'
import { addMember } from '../../support/people.ts'
import { create, polled, test, wanted } from '../../support/programs.ts'
import { wholeList } from '../../support/whole-list.ts'

describe('an API key', () => {
  test('is made, works as a bearer token, is listed without its secret, and is deleted', async ({
    as,
    app,
    testUser,
    testCompany,
  }) => {
    const user = as(testUser)
    const reply = await user.post('/auth/api-keys', wanted)
    expect(reply.statusCode).toBe(201)
    const { key, ...made } = reply.json()
    expect(reply.headers['location']).toBe(`/api/v1/auth/api-keys/${made.id}`)
    expect(key).toMatch(/^fastvue_[\w-]{43}$/)
    expect(made).toEqual({
      id: expect.any(Number),
      name: 'Till',
      permissions: wanted.permissions,
      company_id: testCompany.id,
      created_at: expect.any(String),
      expires_at: null,
      last_used_at: null,
    })
    expect((await user.get('/auth/api-keys')).json()).toEqual(wholeList([made]))
    const program = callerOf(app, bearer(key))
    expect((await create(program)).json().created_by).toBe(testUser.id)
    expect((await user.delete(`/auth/api-keys/${made.id}`)).statusCode).toBe(204)
    await expect.poll(async () => (await program.get('/auth/me')).statusCode, polled).toBe(401)
    expect((await user.get('/auth/api-keys')).json()).toEqual(wholeList([]))
  })

  test('may do what it lists and nothing else that its owner may', async ({ as, testUser, programOf }) => {
    const program = await programOf(testUser, { permissions: ['product.read'] })
    expect((await program.get('/products')).statusCode).toBe(200)
    expect((await create(program)).json()).toMatchObject({ code: 'permission_denied' })
    expect((await create(as(testUser))).statusCode).toBe(201)
    const { permissions: held, roles: none, is_superuser } = (await program.get('/auth/permissions')).json()
    expect({ held, none, is_superuser }).toEqual({ held: ['product.read'], none: [], is_superuser: false })
  })

  test('takes permissions in either spelling, keeps each once, and lets “manage” stand for all', async ({
    as,
    testUser,
    programOf,
  }) => {
    const spelt = { ...wanted, permissions: ['product:manage', 'product.manage', 'user:read'] }
    const reply = await as(testUser).post('/auth/api-keys', spelt)
    expect(reply.json().permissions).toEqual(['product.manage', 'user.read'])
    expect((await create(await programOf(testUser, spelt))).statusCode).toBe(201)
  })

  test('is not in the database, nor in the log', async ({ engine, settings, authHeaders, testUser, trusted }) => {
    await using own = await ownApp({ engine, settings })
    const { key, id } = (await callerOf(own.app, authHeaders(testUser)).post('/auth/api-keys', wanted)).json()
    await callerOf(own.app, bearer(key)).get('/products')
    await callerOf(own.app, bearer(`${key}x`)).get('/products')
    await own.app.auth.background.settled()
    expect(own.lines().map(({ status }) => status)).toEqual([201, 200, 401])
    expect(JSON.stringify(own.lines())).not.toContain(key)
    const row = await trusted(({ db }) => db.select().from(apiKeys).where(eq(apiKeys.id, id)))
    expect(row).toHaveLength(1)
    expect(JSON.stringify(row)).not.toContain(key)
  })

  test.for(['fastvue_', 'fastvue_short', `${newApiKey()}x`, newApiKey(), `FASTVUE_${'a'.repeat(43)}`])(
    'that is none gets the one text: %s',
    async (key, { app }) => {
      const reply = await callerOf(app, bearer(key)).get('/auth/me')
      expect(reply.statusCode).toBe(401)
      expect(reply.headers['www-authenticate']).toBe('Bearer')
      expect(reply.json()).toMatchObject({ detail: 'Invalid or expired token', code: 'not_authenticated' })
    },
  )
})

describe('a key is refused where', () => {
  const PAST = new Date(Date.now() - 1000).toISOString()
  const FAULTS: Record<string, [body: object, loc: (string | number)[]]> = {
    'a permission does not exist': [{ ...wanted, permissions: ['product.read', 'product.fly'] }, ['permissions', 1]],
    'a permission is no name': [{ ...wanted, permissions: ['%'] }, ['permissions', 0]],
    'it lists nothing': [{ ...wanted, permissions: [] }, ['permissions']],
    'it lists too much': [{ ...wanted, permissions: Array(1001).fill('product.read') }, ['permissions']],
    'it has no name': [{ ...wanted, name: '' }, ['name']],
    'its name is too long': [{ ...wanted, name: 'x'.repeat(101) }, ['name']],
    'its expiry is over': [{ ...wanted, expires_at: PAST }, ['expires_at']],
    'its expiry is no time': [{ ...wanted, expires_at: 'tomorrow' }, ['expires_at']],
    'it says more than asked': [{ ...wanted, key: 'mine' }, ['key']],
  }
  test.for(Object.entries(FAULTS))('%s', async ([, [body, loc]], { as, testUser }) => {
    const reply = await as(testUser).post('/auth/api-keys', body)
    expect(reply.statusCode).toBe(422)
    expect(reply.json().detail).toEqual([expect.objectContaining({ loc: ['body', ...loc] })])
  })

  test('its owner lacks a permission, which is named', async ({ as, viewerUser }) => {
    const viewer = as(viewerUser)
    const body = { ...wanted, permissions: ['product.read', 'product:create'] }
    const reply = await viewer.post('/auth/api-keys', body)
    expect(reply.statusCode).toBe(403)
    expect(reply.json()).toMatchObject({ code: 'permission_denied', detail: 'Missing permission: product.create' })
    expect((await viewer.post('/auth/api-keys', { ...body, permissions: ['product.read'] })).statusCode).toBe(201)
  })

  test('its owner has fifty', async ({ as, trusted, testUser, testCompany, viewerUser }) => {
    const row = { user_id: testUser.id, company_id: testCompany.id, name: 'x', permissions: [] }
    const rows = Array.from({ length: 49 }, (_, n) => ({ ...row, key_hash: `hash ${n}` }))
    await trusted(({ db }) => db.insert(apiKeys).values(rows))
    const replies = await Promise.all([1, 2].map(() => as(testUser).post('/auth/api-keys', wanted)))
    expect(replies.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([201, 400])
    expect(replies.find(({ statusCode }) => statusCode === 400)?.json().code).toBe('bad_request')
    const other = await as(viewerUser).post('/auth/api-keys', { ...wanted, permissions: ['product.read'] })
    expect(other.statusCode).toBe(201)
  })

  test('nobody is logged in, or in no company', async ({ as, stranger }) => {
    expect((await as().post('/auth/api-keys', wanted)).statusCode).toBe(401)
    expect((await as(stranger).post('/auth/api-keys', wanted)).json()).toMatchObject({ code: 'no_company' })
  })
})

describe('the company of a key', () => {
  test('is the current one or another of the caller’s, with what they may do there', async ({
    as,
    app,
    testUser,
    otherCompany,
    trusted,
  }) => {
    const body = { ...wanted, company_id: otherCompany.id }
    expect((await as(testUser).post('/auth/api-keys', body)).json()).toMatchObject({ code: 'company_forbidden' })
    await addMember(trusted, testUser, otherCompany, 'viewer')
    const post = (asked: object) => as(testUser).post('/auth/api-keys', asked)
    await expect.poll(async () => (await post(body)).json().code, polled).toBe('permission_denied')
    const reply = await post({ ...body, permissions: ['product.read'] })
    expect(reply.json().company_id).toBe(otherCompany.id)
    const program = callerOf(app, bearer(reply.json().key))
    expect((await program.get('/auth/me')).json().current_company_id).toBe(otherCompany.id)
  })

  test('is the only one it can enter, though its owner can enter others', async ({
    as,
    testUser,
    superuser,
    testCompany,
    otherCompany,
    programOf,
    trusted,
  }) => {
    await addMember(trusted, testUser, otherCompany, 'manager')
    const there = { 'x-company-id': String(otherCompany.id) }
    for (const owner of [testUser, superuser]) {
      const program = await programOf(owner, { company_id: testCompany.id })
      const entered = () => as(owner).get('/products', undefined, there)
      await expect.poll(async () => (await entered()).statusCode, polled).toBe(200)
      const replies = [
        await program.get('/products', undefined, there),
        await program.get(`/products?company_id=${otherCompany.id}`),
        await program.get('/products?company_id=all'),
        await create(program, { company_id: otherCompany.id }),
      ]
      for (const reply of replies) expect(reply.json()).toMatchObject({ code: 'company_forbidden' })
      expect((await create(program, { company_id: testCompany.id })).json().company_id).toBe(testCompany.id)
    }
  })
})

describe('a superuser’s key', () => {
  test('may list any permission, and makes no superuser of a program', async ({ as, superuser, programOf }) => {
    const program = await programOf(superuser, { permissions: ['product.read', 'audit.read'] })
    expect((await program.get('/products')).statusCode).toBe(200)
    expect((await create(program)).json()).toMatchObject({ code: 'permission_denied' })
    const held = { permissions: ['product.read', 'audit.read'], roles: [], is_superuser: false }
    expect((await program.get('/auth/permissions')).json()).toEqual(held)
    expect((await program.get('/auth/me')).json().is_superuser).toBe(false)
    expect((await as(superuser).get('/auth/me')).json().is_superuser).toBe(true)
  })

  test('does nothing more once its owner is none and no member', async ({ superuser, programOf, trusted }) => {
    const program = await programOf(superuser)
    expect((await program.get('/products')).statusCode).toBe(200)
    await trusted(async ({ db }) => {
      await db.delete(userCompanyRoles).where(eq(userCompanyRoles.user_id, superuser.id))
      await db.update(users).set({ is_superuser: false }).where(eq(users.id, superuser.id))
    })
    await expect.poll(async () => (await program.get('/products')).statusCode, polled).toBe(401)
  })
})

describe('what is about one’s own account is closed to keys', () => {
  const ROUTES = [
    ['get', '/auth/api-keys'],
    ['post', '/auth/api-keys'],
    ['delete', '/auth/api-keys/1'],
    ['get', '/auth/sessions'],
    ['post', '/auth/logout'],
    ['post', '/auth/logout-all'],
    ['post', '/auth/switch-company'],
  ] as const
  test.for(ROUTES)('%s %s', async ([method, path], { testUser, programOf }) => {
    const program = await programOf(testUser)
    const reply = await program[method](path, method === 'post' ? {} : undefined)
    expect(reply.statusCode).toBe(403)
    expect(reply.json()).toMatchObject({ code: 'session_required' })
    expect((await program.get('/auth/me')).statusCode).toBe(200)
  })
})

describe('what stands on no permission is closed to keys', () => {
  const ROUTES = [
    ['post', '/messages'],
    ['patch', '/messages/1'],
    ['delete', '/messages/1'],
    ['put', '/messages/1/pin'],
    ['delete', '/messages/1/pin'],
    ['put', '/messages/1/reactions/%F0%9F%91%8D'],
    ['delete', '/messages/1/reactions/%F0%9F%91%8D'],
    ['post', '/messages/1/read'],
    ['put', '/messages/followers?model_name=products&record_id=1'],
    ['delete', '/messages/followers?model_name=products&record_id=1'],
    ['get', '/inbox'],
    ['get', '/inbox/stats'],
    ['post', '/inbox/bulk'],
    ['get', '/inbox/1'],
    ['patch', '/inbox/1'],
    ['delete', '/inbox/1'],
    ['get', '/notifications'],
    ['get', '/notifications/stats'],
    ['post', '/notifications/bulk-read'],
    ['get', '/notifications/1'],
    ['patch', '/notifications/1'],
    ['post', '/notifications/1/read'],
    ['delete', '/notifications/1'],
    ['get', '/companies/mine'],
  ] as const
  test('to each of them', async ({ as, testUser, programOf }) => {
    const program = await programOf(testUser)
    for (const [method, path] of ROUTES) {
      const body = method === 'get' || method === 'delete' ? undefined : {}
      const replies = [await program[method](path, body), await as(testUser)[method](path, body)]
      const codes = replies.map((reply) => reply.statusCode === 403 && reply.json().code)
      expect([method, path, ...codes]).toEqual([method, path, 'session_required', false])
    }
  })

  test('what one did, or may do, of its owner’s', async ({ as, testUser, adminUser, programOf }) => {
    const paths = [`/activity-logs/user/${testUser.id}`, '/permissions/explain?permission=user.update']
    const program = await programOf(testUser)
    for (const path of paths) {
      expect((await program.get(path)).json()).toMatchObject({ code: 'permission_denied' })
      expect((await as(testUser).get(path)).statusCode).toBe(200)
    }
    const auditor = await programOf(adminUser, { permissions: ['audit.read', 'permission.read'] })
    for (const path of paths) expect((await auditor.get(path)).statusCode).toBe(200)
  })

  test('but a thread is read by who may read its record', async ({ as, testUser, programOf }) => {
    const product = (await create(as(testUser))).json()
    const about = { model_name: 'products', record_id: product.id }
    const { id } = (await as(testUser).post('/messages', { ...about, body: 'Heavy' })).json()
    const query = new URLSearchParams({ model_name: 'products', record_id: String(product.id) }).toString()
    const paths = [`/messages?${query}`, `/messages/pinned?${query}`, `/messages/${id}`, `/messages/${id}/replies`]
    const [reader, other] = [await programOf(testUser), await programOf(testUser, { permissions: ['role.read'] })]
    for (const path of [...paths, `/messages/followers?${query}`]) {
      expect([path, (await reader.get(path)).statusCode]).toEqual([path, 200])
      expect([path, (await other.get(path)).statusCode]).toEqual([path, 404])
    }
  })
})

test('another’s key is not there: neither listed nor deleted', async ({ as, testUser, adminUser, programOf }) => {
  const program = await programOf(testUser)
  const admin = as(adminUser)
  expect((await admin.get('/auth/api-keys')).json()).toEqual(wholeList([]))
  const replies = [await admin.delete(`/auth/api-keys/${program.id}`), await admin.delete('/auth/api-keys/999999')]
  for (const reply of replies)
    expect(reply.json()).toMatchObject({
      code: 'not_found',
      detail: 'API key not found',
      request_id: expect.anything(),
    })
  expect((await program.get('/auth/me')).statusCode).toBe(200)
})

import { eq, sql } from 'drizzle-orm'
import { apiKeys, users } from '../../../app/models/index.ts'
import { keyHash, newApiKey } from '../../../app/core/api-keys.ts'
import { demandAnotherSuperuser } from '../../../app/services/users/superusers.ts'
import { atOnce } from '../../support/at-once.ts'
import { logIn } from '../../support/auth-headers.ts'
import { callerOf } from '../../support/caller.ts'
import { describe, expect, test } from '../../support/fixtures.ts'
import {
  addMember,
  addPerson,
  addRole,
  newUser,
  permissionsOfRole,
  storedUser,
  systemRole,
} from '../../support/people.ts'

const ONLY_SUPERUSERS = { code: 'permission_denied', detail: 'Only a superuser may change a superuser' }

describe('a superuser', () => {
  test('is changed by nobody but superusers', async ({ as, adminUser, superuser, testCompany, trusted }) => {
    const { id } = superuser
    const role_id = await systemRole(trusted, 'viewer')
    const company_id = testCompany.id
    const attempts = [
      as(adminUser).patch(`/users/${id}`, { full_name: 'Taken' }),
      as(adminUser).put(`/users/${id}`, { email: 'taken@example.com' }),
      as(adminUser).delete(`/users/${id}`),
      as(adminUser).post(`/users/${id}/companies`, { company_id, role_id }),
      as(adminUser).delete(`/users/${id}/companies/${company_id}`),
    ]
    for (const reply of await Promise.all(attempts)) expect(reply.json()).toMatchObject(ONLY_SUPERUSERS)
    const deleted = await addPerson(trusted, 'boss', testCompany, {
      is_superuser: true,
      is_deleted: true,
      owns_email: false,
    })
    expect((await as(adminUser).post(`/users/${deleted.id}/restore`)).json()).toMatchObject(ONLY_SUPERUSERS)

    expect((await as(superuser).patch(`/users/${id}`, { full_name: 'Mine' })).json()).toMatchObject({
      full_name: 'Mine',
    })
    expect((await as(superuser).post(`/users/${deleted.id}/restore`)).statusCode).toBe(200)
    expect((await as(superuser).post(`/users/${id}/companies`, { company_id, role_id })).statusCode).toBe(201)
    expect((await as(superuser).delete(`/users/${id}/companies/${company_id}`)).statusCode).toBe(204)
  })

  test('is made, and called verified, by superusers only', async ({ as, adminUser, superuser, viewerUser }) => {
    for (const flag of ['is_superuser', 'is_verified']) {
      const body = { ...newUser, [flag]: true }
      expect((await as(adminUser).post('/users', body)).json().code).toBe('permission_denied')
    }
    const path = `/users/${viewerUser.id}`
    for (const change of [{ is_superuser: true }, { is_verified: false }])
      expect((await as(adminUser).patch(path, change)).json().code).toBe('permission_denied')
    expect((await as(superuser).patch(path, { is_superuser: true, is_verified: false })).json()).toMatchObject({
      is_superuser: true,
      is_verified: false,
    })
    const made = await as(superuser).post('/users', { ...newUser, is_superuser: true, is_verified: true })
    expect(made.json()).toMatchObject({ is_superuser: true, is_verified: true })
  })

  test('reaches users of all companies, and of none', async ({ as, superuser, outsider, stranger }) => {
    for (const { id } of [outsider, stranger]) {
      expect((await as(superuser).get(`/users/${id}`)).statusCode).toBe(200)
      expect((await as(superuser).patch(`/users/${id}`, { email: `new${id}@example.com` })).statusCode).toBe(200)
      expect((await as(superuser).delete(`/users/${id}`)).statusCode).toBe(204)
      expect((await as(superuser).post(`/users/${id}/restore`)).statusCode).toBe(200)
    }
  })

  test('may create a user of no company, and nobody else may', async ({ as, superuser, adminUser }) => {
    const nowhere = { ...newUser, company_id: null }
    expect((await as(adminUser).post('/users', nowhere)).json().code).toBe('permission_denied')
    const created = await as(superuser).post('/users', nowhere)
    expect(created.json()).toMatchObject({ current_company_id: null })
    expect((await as(superuser).get(`/users/${created.json().id}`)).json().company_roles).toEqual([])
    const more = { ...nowhere, email: 'b@example.com', username: 'bob', role_id: 1 }
    expect((await as(superuser).post('/users', more)).json().detail).toMatchObject([{ loc: ['body', 'role_id'] }])
    const homeless = { ...superuser, company_id: null }
    const third = await as(homeless).post('/users', { ...newUser, email: 'c@example.com', username: 'cleo' })
    expect(third.json()).toMatchObject({ current_company_id: null })
  })

  test('has an API key that is none', async ({ app, as, superuser, trusted, testCompany, outsider }) => {
    const key = newApiKey()
    const names = ['user.read', 'user.update', 'user.manage', 'user.create', 'user.delete']
    await trusted(({ db }) =>
      db.insert(apiKeys).values({
        user_id: superuser.id,
        company_id: testCompany.id,
        name: 'k',
        key_hash: keyHash(key),
        permissions: names,
      }),
    )
    const program = callerOf(app, { authorization: `Bearer ${key}` })
    const company_id = testCompany.id
    expect((await program.patch(`/users/${superuser.id}`, { phone: '1' })).json()).toMatchObject(ONLY_SUPERUSERS)
    expect((await program.post('/users', { ...newUser, is_superuser: true })).json().code).toBe('permission_denied')
    expect((await program.get(`/users/${outsider.id}`)).json().code).toBe('not_found')
    const { id } = await addPerson(trusted, 'target', testCompany)
    const role_id = await systemRole(trusted, 'admin')
    const granted = await program.post(`/users/${id}/companies`, { company_id, role_id })
    expect(granted.json().detail).toMatch(/^You cannot grant more than you have: missing /)
    expect((await as(superuser).post(`/users/${id}/companies`, { company_id, role_id })).statusCode).toBe(201)
  })
})

describe('the last active superuser', () => {
  const REFUSED = {
    code: 'bad_request',
    detail: 'The last active superuser can be neither demoted, disabled nor deleted',
  }

  test('stays one, while there is no other who is active', async ({ as, superuser, trusted }) => {
    const path = `/users/${superuser.id}`
    await addPerson(trusted, 'off', null, { is_superuser: true, is_active: false })
    await addPerson(trusted, 'gone', null, { is_superuser: true, is_deleted: true })
    expect((await as(superuser).patch(path, { is_superuser: false })).json()).toMatchObject(REFUSED)
    await addPerson(trusted, 'second', null, { is_superuser: true })
    expect((await as(superuser).patch(path, { is_superuser: false })).json()).toMatchObject({ is_superuser: false })
  })

  test('is neither disabled nor deleted', async ({ trusted, superuser, as, app, engine, settings }) => {
    const second = await addPerson(trusted, 'second', null, { is_superuser: true })
    const other = callerOf(app, (await logIn(engine, settings, [second]))(second))
    const path = `/users/${superuser.id}`
    expect((await other.patch(path, { is_active: false })).statusCode).toBe(200)
    expect((await other.patch(path, { is_active: true })).statusCode).toBe(200)
    expect((await other.delete(path)).statusCode).toBe(204)
    await expect(trusted(({ db }) => demandAnotherSuperuser(db, second.id))).rejects.toMatchObject(REFUSED)
    await expect(trusted(({ db }) => demandAnotherSuperuser(db, superuser.id))).resolves.toBeUndefined()
    expect((await as(superuser).get('/auth/me')).statusCode).toBe(401)
  })

  test.for([
    ['demoted', (caller, id) => caller.patch(`/users/${id}`, { is_superuser: false })],
    ['disabled', (caller, id) => caller.patch(`/users/${id}`, { is_active: false })],
    ['deleted', (caller, id) => caller.delete(`/users/${id}`)],
  ] as [string, (caller: ReturnType<typeof callerOf>, id: number) => ReturnType<ReturnType<typeof callerOf>['get']>][])(
    'stays, when all who are left are %s by each other at once',
    async ([, fell], { app, engine, settings, trusted, superuser }) => {
      const more = await Promise.all(
        ['b', 'c'].map((name) => addPerson(trusted, `super-${name}`, null, { is_superuser: true })),
      )
      const all = [superuser, ...more]
      const headers = await logIn(engine, settings, all)
      await Promise.all(all.map((user) => callerOf(app, headers(user)).get('/auth/me')))
      const hold = sql`select from users where is_superuser for update`
      const calls = all.map((user, n) => () => fell(callerOf(app, headers(user)), all[(n + 1) % 3]!.id))
      const replies = await atOnce({ engine, trusted }, hold, calls)
      expect(replies.filter(({ statusCode }) => statusCode < 300).length).toBeLessThan(3)
      const rows = await Promise.all(all.map(({ id }) => storedUser(trusted, id)))
      const left = rows.filter(({ is_superuser, is_active, is_deleted }) => is_superuser && is_active && !is_deleted)
      expect(left.length).toBeGreaterThanOrEqual(1)
    },
  )
})

describe('an identity', () => {
  const NEEDS = { update: /^This needs user\.update wherever/, delete: /^This needs user\.delete wherever/ }

  test('changes by who may change it in every company of the user', async ({
    as,
    adminUser,
    viewerUser,
    trusted,
    otherCompany,
  }) => {
    const path = `/users/${viewerUser.id}`
    await addMember(trusted, viewerUser, otherCompany, 'viewer')
    for (const change of [{ email: 'v@example.com' }, { username: 'vera' }, { is_active: false }]) {
      const reply = await as(adminUser).patch(path, change)
      expect(reply.json()).toMatchObject({ code: 'permission_denied', detail: expect.stringMatching(NEEDS.update) })
      expect(reply.body).not.toContain(otherCompany.name)
    }
    expect((await as(adminUser).delete(path)).json().detail).toMatch(NEEDS.delete)
    expect((await as(adminUser).patch(path, { full_name: 'Vera', phone: '1' })).statusCode).toBe(200)

    await addMember(trusted, adminUser, otherCompany, 'admin')
    await expect.poll(async () => (await as(adminUser).patch(path, { username: 'vera' })).statusCode).toBe(200)
    expect((await as(adminUser).delete(path)).statusCode).toBe(204)
    expect((await as(adminUser).post(`${path}/restore`)).statusCode).toBe(200)
  })

  test('of one who was deleted comes back by who may delete it everywhere', async ({
    as,
    adminUser,
    viewerUser,
    superuser,
    trusted,
    otherCompany,
  }) => {
    await addMember(trusted, viewerUser, otherCompany, 'viewer')
    await as(superuser).delete(`/users/${viewerUser.id}`)
    expect((await as(adminUser).post(`/users/${viewerUser.id}/restore`)).json().detail).toMatch(NEEDS.delete)
  })

  test('is not taken over by a new e-mail address of somebody who may do more', async ({
    as,
    testUser,
    adminUser,
    viewerUser,
  }) => {
    const email = 'mine@example.com'
    const taken = await as(testUser).patch(`/users/${adminUser.id}`, { email })
    expect(taken.json()).toMatchObject({ code: 'permission_denied', detail: expect.stringContaining('may do more') })
    expect((await as(testUser).patch(`/users/${viewerUser.id}`, { email })).statusCode).toBe(200)
    expect((await as(testUser).patch('/users/me', { email: 'ed@example.com' })).statusCode).toBe(200)
  })
})

describe('one’s own account', () => {
  test('is neither deleted nor deactivated by oneself', async ({ as, adminUser, superuser, viewerUser }) => {
    for (const user of [adminUser, superuser]) {
      const path = `/users/${user.id}`
      expect((await as(user).delete(path)).json()).toMatchObject({ code: 'bad_request' })
      expect((await as(user).patch(path, { is_active: false })).json()).toMatchObject({ code: 'bad_request' })
    }
    expect((await as(adminUser).patch(`/users/${viewerUser.id}`, { is_active: false })).statusCode).toBe(200)
  })
})

describe('who is switched off or deleted', () => {
  test.for(['PATCH', 'DELETE'] as const)(
    'by %s is logged out at once',
    async (method, { app, as, adminUser, viewerUser, authHeaders }) => {
      expect((await as(viewerUser).get('/auth/me')).statusCode).toBe(200)
      const payload = method === 'PATCH' ? { is_active: false } : undefined
      await app.inject({ method, url: `/api/v1/users/${viewerUser.id}`, headers: authHeaders(adminUser), payload })
      await expect.poll(async () => (await as(viewerUser).get('/auth/me')).statusCode).toBe(401)
      const restored =
        method === 'PATCH'
          ? await as(adminUser).patch(`/users/${viewerUser.id}`, { is_active: true })
          : await as(adminUser).post(`/users/${viewerUser.id}/restore`)
      expect(restored.json()).toMatchObject({ id: viewerUser.id, is_active: true })
      expect((await as(viewerUser).get('/auth/me')).statusCode).toBe(401)
    },
  )

  test('when deleted, is in no list and found by no id, and restored once', async ({
    as,
    adminUser,
    superuser,
    viewerUser,
    testCompany,
  }) => {
    const path = `/users/${viewerUser.id}`
    expect((await as(adminUser).post(`${path}/restore`)).statusCode).toBe(404)
    await as(adminUser).delete(path)
    const role = { company_id: testCompany.id, role_id: 1 }
    for (const caller of [as(adminUser), as(superuser)]) {
      for (const list of ['/users', `/companies/${testCompany.id}/users`])
        expect((await caller.get(`${list}?username=viewer`)).json()).toMatchObject({ total: 0, items: [] })
      for (const reply of [
        await caller.get(path),
        await caller.patch(path, { phone: '1' }),
        await caller.delete(path),
        await caller.post(`${path}/companies`, role),
        await caller.delete(`${path}/companies/${testCompany.id}`),
      ])
        expect(reply.statusCode).toBe(404)
    }
    expect((await as(superuser).get('/users?company_id=all&username=viewer')).json().total).toBe(0)
    expect((await as(adminUser).post(`${path}/restore`)).statusCode).toBe(200)
    expect((await as(adminUser).post(`${path}/restore`)).statusCode).toBe(404)
    expect((await as(adminUser).get(path)).json().company_roles).toMatchObject([{ role_codename: 'viewer' }])
  })
})

describe('a role for a new user', () => {
  test('is one that is visible', async ({ as, adminUser, trusted, testCompany, otherCompany }) => {
    const own = await addRole(trusted, { company_id: testCompany.id, codename: 'own', permissions: [] })
    const foreign = await addRole(trusted, { company_id: otherCompany.id, codename: 'foreign', permissions: [] })
    const give = (role_id: number) => as(adminUser).post('/users', { ...newUser, role_id })
    const unknown = (await give(foreign + 1000)).json()
    expect(unknown).toMatchObject({ code: 'invalid_reference' })
    expect(await give(foreign).then((reply) => reply.json())).toEqual({ ...unknown, request_id: expect.any(String) })
    expect((await give(own)).statusCode).toBe(201)
  })

  test('is not stronger than its giver, who is told what is missing', async ({
    as,
    trusted,
    testCompany,
    stranger,
  }) => {
    await addMember(
      trusted,
      stranger,
      testCompany,
      await addRole(trusted, { company_id: testCompany.id, codename: 'hr', permissions: ['user.manage'] }),
    )
    const hr = as({ ...stranger, company_id: testCompany.id })
    const strong = await hr.post('/users', { ...newUser, role_id: await systemRole(trusted, 'viewer') })
    const missing = permissionsOfRole('viewer').filter((name) => !name.startsWith('user.'))
    expect(missing).toContain('product.read')
    expect(strong.json()).toMatchObject({
      code: 'permission_denied',
      detail: `You cannot grant more than you have: missing ${missing.join(', ')}`,
    })
    expect(await trusted(({ db }) => db.select().from(users).where(eq(users.username, newUser.username)))).toEqual([])
    expect((await hr.post('/users', newUser)).statusCode).toBe(201)
  })

  test('is `member` only from who may do what a member may', async ({ as, trusted, testCompany, stranger }) => {
    await addMember(
      trusted,
      stranger,
      testCompany,
      await addRole(trusted, { company_id: testCompany.id, codename: 'maker', permissions: ['user.create'] }),
    )
    const maker = as({ ...stranger, company_id: testCompany.id })
    expect((await maker.post('/users', newUser)).json().detail).toMatch(/missing user\.read$/)
  })
})

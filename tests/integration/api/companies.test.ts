import { eq, sql } from 'drizzle-orm'
import { companies, jobs, liveProcesses, presences, products, sessions, users } from '../../../app/models/index.ts'
import { atOnce } from '../../support/at-once.ts'
import type { Caller } from '../../support/caller.ts'
import { type TestUser, describe, expect, test } from '../../support/fixtures.ts'
import { addMember, addPerson, addRole, systemRole } from '../../support/people.ts'
import { wholeList } from '../../support/whole-list.ts'

const NEW = { name: 'New Company', code: 'new-1' }
const CALLS = {
  list: [(caller) => caller.get('/companies'), 200],
  get: [(caller, id) => caller.get(`/companies/${id}`), 200],
  users: [(caller, id) => caller.get(`/companies/${id}/users`), 200],
  mine: [(caller) => caller.get('/companies/mine'), 200],
  create: [(caller) => caller.post('/companies', NEW), 201],
  replace: [(caller, id) => caller.put(`/companies/${id}`, { city: 'Berlin' }), 200],
  update: [(caller, id) => caller.patch(`/companies/${id}`, { city: 'Rome' }), 200],
  delete: [(caller, id) => caller.delete(`/companies/${id}`), 400], // permitted, but it has members
} satisfies Record<string, [(caller: Caller, id: number) => ReturnType<Caller['get']>, number]>
type Route = keyof typeof CALLS
const ROUTES = Object.keys(CALLS) as Route[]
const every = (routes: Route[], code: string) => Object.fromEntries(routes.map((route) => [route, code]))

/** Who gets what that is not done, about the company TEST: codes, or the missing permission. */
const REFUSED: Record<string, Partial<Record<Route, string>>> = {
  viewer: {
    list: 'company.read',
    get: 'company.read',
    users: 'company.read',
    create: 'company.create',
    replace: 'company.update',
    update: 'company.update',
    delete: 'company.delete',
  },
  manager: {
    create: 'company.create',
    replace: 'company.update',
    update: 'company.update',
    delete: 'company.delete',
  },
  // Which are a member's, of a company's own role.
  reader: {
    users: 'user.read',
    create: 'company.create',
    replace: 'company.update',
    update: 'company.update',
    delete: 'company.delete',
  },
  super_admin: {},
  superuser: {},
  outsider: every(['get', 'users', 'replace', 'update', 'delete'], 'not_found'),
  stranger: every(
    ROUTES.filter((route) => route !== 'mine'),
    'no_company',
  ),
}

describe('companies, by caller', () => {
  test.for(Object.entries(REFUSED))(
    '%s',
    async ([name, refused], { as, trusted, testCompany, viewerUser, testUser, superuser, outsider, stranger }) => {
      const company_id = testCompany.id
      const people: Record<string, TestUser> = { viewer: viewerUser, manager: testUser, superuser, outsider, stranger }
      const caller = as(people[name] ?? { ...stranger, company_id })
      if (name === 'reader')
        await addMember(
          trusted,
          stranger,
          testCompany,
          await addRole(trusted, { company_id: testCompany.id, codename: 'reader', permissions: ['company.read'] }),
        )
      if (name === 'super_admin') await addMember(trusted, stranger, testCompany, 'super_admin')
      for (const route of ROUTES) {
        if (name === 'outsider' && route === 'create') continue // of no company that there is
        const [call, done] = CALLS[route]
        const reply = await call(caller, company_id)
        const expected = refused[route]
        if (expected === undefined) expect([route, reply.statusCode]).toEqual([route, done])
        else if (expected.includes('.'))
          expect([route, reply.json().detail]).toEqual([route, `Missing permission: ${expected}`])
        else expect([route, reply.json().code]).toEqual([route, expected])
      }
    },
  )

  test.for(ROUTES)('%s needs a log-in', async (route, { as, testCompany }) => {
    const [call] = CALLS[route]
    expect((await call(as(), testCompany.id)).json().code).toBe('not_authenticated')
  })
})

describe('a company', () => {
  test('that is another’s gets the answer of one that never was', async ({ as, outsider, testCompany }) => {
    for (const path of ['', '/users']) {
      const ask = async (id: number) => {
        const reply = await as(outsider).get(`/companies/${id}${path}`, undefined, { 'x-request-id': 'same' })
        return reply.body
      }
      expect(await ask(testCompany.id)).toBe(await ask(testCompany.id + 1000))
    }
  })

  test('is the active one, in a list; for a superuser every one', async ({
    as,
    adminUser,
    superuser,
    trusted,
    otherCompany,
  }) => {
    await addMember(trusted, adminUser, otherCompany, 'admin')
    const codes = async (caller: Caller, query = '', headers = {}) =>
      (await caller.get(`/companies${query}`, undefined, headers))
        .json()
        .items.map(({ code }: { code: string }) => code)
    expect(await codes(as(adminUser))).toEqual(['TEST'])
    expect(await codes(as(adminUser), '', { 'x-company-id': String(otherCompany.id) })).toEqual(['OTHER'])
    expect(await codes(as(superuser))).toEqual(['TEST'])
    expect(await codes(as(superuser), '?company_id=all&sort=code')).toEqual(['OTHER', 'TEST'])
    expect((await as(superuser).get(`/companies/${otherCompany.id}`)).json().code).toBe('OTHER')
    const members = (await as(superuser).get(`/companies/${otherCompany.id}/users?sort=username`)).json()
    expect(members).toMatchObject({ total: 2, items: [{ username: 'admin' }, { username: 'outsider' }] })
    expect(members.items[1].current_company_id).toBe(otherCompany.id)
    expect((await as(superuser).get('/companies/999999/users')).statusCode).toBe(404)
  })

  test('is among one’s own with its roles, of whatever company the request is', async ({
    as,
    adminUser,
    stranger,
    trusted,
    testCompany,
    otherCompany,
  }) => {
    await addMember(trusted, adminUser, otherCompany, 'viewer')
    await addMember(trusted, adminUser, otherCompany, 'editor')
    expect((await as(adminUser).get('/companies/mine')).json()).toEqual(
      wholeList([
        { id: testCompany.id, name: 'Test Company', code: 'TEST', is_default: true, roles: ['admin'] },
        { id: otherCompany.id, name: 'Other Company', code: 'OTHER', is_default: false, roles: ['editor', 'viewer'] },
      ]),
    )
    expect((await as(stranger).get('/companies/mine')).json()).toEqual(wholeList([]))
  })

  test('is created in upper case, and its creator is its admin', async ({
    as,
    stranger,
    trusted,
    testCompany,
    superuser,
  }) => {
    await addMember(trusted, stranger, testCompany, 'super_admin')
    const founder = as({ ...stranger, company_id: testCompany.id })
    const reply = await founder.post('/companies', { ...NEW, email: 'a@example.com', currency: 'EUR' })
    expect(reply.json()).toMatchObject({ code: 'NEW-1', email: 'a@example.com', currency: 'EUR', timezone: 'UTC' })
    const { id } = reply.json()
    expect(reply.headers.location).toBe(`/api/v1/companies/${id}`)
    const own = async () => (await founder.get('/companies/mine')).json().items
    await expect.poll(own).toContainEqual({ id, name: NEW.name, code: 'NEW-1', is_default: false, roles: ['admin'] })
    const inside = { 'x-company-id': String(id) }
    expect((await founder.patch(`/companies/${id}`, { city: 'Rome' }, inside)).json()).toMatchObject({ city: 'Rome' })

    const second = (await as(superuser).post('/companies', { ...NEW, code: 'second' })).json()
    expect((await as(superuser).get(`/companies/${second.id}/users`)).json().total).toBe(0)
  })

  test('has a code of its own, in any case of letters, for ever', async ({ as, superuser, adminUser, testCompany }) => {
    for (const code of ['TEST', 'tEsT'])
      expect((await as(superuser).post('/companies', { ...NEW, code })).json()).toMatchObject({
        code: 'duplicate',
        detail: 'Company with this code already exists',
      })
    const reply = await as(adminUser).patch(`/companies/${testCompany.id}`, { code: 'X' })
    expect(reply.json().detail).toMatchObject([{ loc: ['body', 'code'], type: 'extra_forbidden' }])
  })

  test.for([
    ['code', ''],
    ['code', 'A B'],
    ['code', 'ÄB'],
    ['code', 'x'.repeat(51)],
    ['code', 'a\0b'],
    ['name', ''],
    ['name', 'a\0b'],
    ['timezone', 'Nowhere'],
    ['timezone', '+01:00'],
    ['email', 'none'],
    ['website', 'javascript:alert(1)'],
    ['parent_company_id', 'TEST'],
    ['company', 1],
  ] as const)('is not created with %s %j', async ([field, value], { as, superuser }) => {
    const reply = await as(superuser).post('/companies', { ...NEW, [field]: value })
    expect(reply.statusCode).toBe(422)
    expect(reply.json().detail[0].loc).toEqual(['body', field])
  })

  test('is listed whatever its row holds', async ({ as, adminUser, trusted, testCompany }) => {
    const odd = { name: '', website: 'ftp:x', timezone: 'Mars', currency: '', email: 'x' }
    await trusted(({ db }) => db.update(companies).set(odd).where(eq(companies.id, testCompany.id)))
    expect((await as(adminUser).get('/companies')).json().items).toMatchObject([odd])
  })

  test('that is switched off lets nobody in, and a superuser switches it on', async ({
    as,
    adminUser,
    superuser,
    testCompany,
  }) => {
    const path = `/companies/${testCompany.id}`
    expect((await as(adminUser).patch(path, { is_active: false })).json()).toMatchObject({ is_active: false })
    await expect.poll(async () => (await as(adminUser).get(path)).json().code).toBe('no_company')
    const everywhere = as({ ...superuser, company_id: null })
    expect((await everywhere.patch(path, { is_active: true })).json()).toMatchObject({ is_active: true })
    await expect.poll(async () => (await as(adminUser).get(path)).statusCode).toBe(200)
  })
})

describe('a parent', () => {
  test('is a company that the caller may change', async ({
    as,
    adminUser,
    superuser,
    trusted,
    testCompany,
    otherCompany,
  }) => {
    const path = `/companies/${testCompany.id}`
    const below = async (parent_company_id: number | null) =>
      (await as(adminUser).patch(path, { parent_company_id })).json()
    const refused = { ...(await below(999_999)), request_id: '' }
    expect(refused.code).toBe('company_forbidden')
    expect({ ...(await below(otherCompany.id)), request_id: '' }).toEqual(refused)
    await addMember(trusted, adminUser, otherCompany, 'viewer')
    expect({ ...(await below(otherCompany.id)), request_id: '' }).toEqual(refused)
    await addMember(trusted, adminUser, otherCompany, 'admin')
    await expect.poll(() => below(otherCompany.id)).toMatchObject({ parent_company_id: otherCompany.id })
    expect(await below(null)).toMatchObject({ parent_company_id: null })
    const body = { ...NEW, parent_company_id: 999_999 }
    expect((await as(superuser).post('/companies', body)).json().code).toBe('company_forbidden')
    expect((await as(superuser).post('/companies', { ...NEW, parent_company_id: otherCompany.id })).statusCode).toBe(
      201,
    )
  })

  test('that is there already needs no rights to stay', async ({
    as,
    adminUser,
    trusted,
    testCompany,
    otherCompany,
  }) => {
    const parent_company_id = otherCompany.id
    await trusted(({ db }) => db.update(companies).set({ parent_company_id }).where(eq(companies.id, testCompany.id)))
    const reply = await as(adminUser).put(`/companies/${testCompany.id}`, { parent_company_id, city: 'Rome' })
    expect(reply.json()).toMatchObject({ parent_company_id, city: 'Rome' })
  })

  test.for([1, 2, 10])('is never a descendant, %d below', async (depth, { as, superuser, testCompany }) => {
    let parent_company_id = testCompany.id
    for (let n = 1; n < depth; n++) {
      const body = { name: `c${n}`, code: `c${n}`, parent_company_id }
      parent_company_id = (await as(superuser).post('/companies', body)).json().id
    }
    const reply = await as(superuser).patch(`/companies/${testCompany.id}`, { parent_company_id })
    expect(reply.json()).toMatchObject({ code: 'bad_request', detail: 'A company cannot be below itself' })
  })

  test('is not made of two companies for each other at once', async ({
    engine,
    as,
    superuser,
    testCompany,
    otherCompany,
    trusted,
  }) => {
    const put = (child: number, parent_company_id: number) => () =>
      as(superuser).patch(`/companies/${child}`, { parent_company_id })
    const replies = await atOnce({ engine, trusted }, sql`lock table companies in share mode`, [
      put(testCompany.id, otherCompany.id),
      put(otherCompany.id, testCompany.id),
    ])
    expect(replies.map(({ statusCode }) => statusCode).toSorted((x, y) => x - y)).toEqual([200, 400])
    const rows = await trusted(({ db }) => db.select().from(companies))
    expect(rows.filter(({ parent_company_id }) => parent_company_id === null)).toHaveLength(1)
  })
})

describe('deleting a company', () => {
  test('is refused while others are in it', async ({ as, adminUser, superuser, testCompany }) => {
    for (const user of [adminUser, superuser])
      expect((await as(user).delete(`/companies/${testCompany.id}`)).json()).toMatchObject({
        code: 'still_referenced',
        detail: 'The company still has other members',
      })
  })

  test('is refused while it has business records, deleted ones too', async ({
    as,
    outsider,
    otherCompany,
    trusted,
  }) => {
    const { id } = (await as(outsider).post('/products', { name: 'x', sku: 'x', price: 1 })).json()
    await as(outsider).delete(`/products/${id}`)
    const path = `/companies/${otherCompany.id}`
    expect((await as(outsider).delete(path)).json()).toMatchObject({
      code: 'still_referenced',
      detail: 'The company still has business records',
    })
    await trusted(({ db }) => db.delete(products).where(eq(products.id, id)))
    expect((await as(outsider).delete(path)).statusCode).toBe(204)
  })

  test('takes its roles, groups and memberships, and leaves people', async ({
    as,
    outsider,
    otherCompany,
    trusted,
    superuser,
  }) => {
    const role = await addRole(trusted, { company_id: otherCompany.id, codename: 'own', permissions: ['product.read'] })
    await addPerson(trusted, 'gone', otherCompany, { is_deleted: true })
    await addMember(trusted, outsider, otherCompany, role)
    const child = await as(superuser).post('/companies', { ...NEW, parent_company_id: otherCompany.id })
    expect((await as(outsider).delete(`/companies/${otherCompany.id}`)).statusCode).toBe(204)
    expect((await as(superuser).get(`/companies/${otherCompany.id}`)).statusCode).toBe(404)
    expect((await as(superuser).get(`/companies/${child.json().id}`)).json().parent_company_id).toBeNull()
    await trusted(async ({ db }) => {
      const [user] = await db.select().from(users).where(eq(users.id, outsider.id))
      expect(user).toMatchObject({ is_deleted: false, current_company_id: null })
      const [session] = await db.select().from(sessions).where(eq(sessions.user_id, outsider.id))
      expect(session).toMatchObject({ company_id: null, revoked_at: null })
    })
    await expect.poll(async () => (await as(outsider).get('/companies/mine')).json()).toEqual(wholeList([]))
  })

  test('takes who is online there, and what waits to be done for it', async ({
    as,
    trusted,
    outsider,
    otherCompany,
  }) => {
    await trusted(async ({ db }) => {
      const [process] = await db.insert(liveProcesses).values({ id: crypto.randomUUID() }).returning()
      await db.insert(presences).values({ company_id: otherCompany.id, user_id: outsider.id, process_id: process!.id })
      await db.insert(jobs).values({ name: 'mail.digest', company_id: otherCompany.id })
    })
    expect((await as(outsider).delete(`/companies/${otherCompany.id}`)).statusCode).toBe(204)
    expect(await trusted(({ db }) => db.select().from(jobs))).toEqual([])
  })

  test('and joining it at once never leaves a member of nothing', async ({ as, superuser, viewerUser, trusted }) => {
    const { id } = (await as(superuser).post('/companies', NEW)).json()
    const role_id = await systemRole(trusted, 'member')
    const [deleted, joined] = await Promise.all([
      as(superuser).delete(`/companies/${id}`),
      as(superuser).post(`/users/${viewerUser.id}/companies`, { company_id: id, role_id }),
    ])
    // Whoever is first wins: then the other has nothing to join, or somebody in the way.
    const outcome = [deleted.statusCode, joined.statusCode < 300]
    expect([
      [204, false],
      [400, true],
    ]).toContainEqual(outcome)
  })
})

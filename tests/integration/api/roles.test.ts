import { addMember, addRole } from '../../support/people.ts'
import { callerOf } from '../../support/caller.ts'
import { countingEngine } from '../../support/counting-engine.ts'
import { describe, expect, test } from '../../support/fixtures.ts'
import { ownApp } from '../../support/own-app.ts'

const sales = { name: 'Sales Manager', permissions: ['product:update', 'product.read', 'product.read'] }

describe('a role', () => {
  test('is created with permissions in either spelling, and shows them sorted, each once', async ({
    as,
    adminUser,
    testCompany,
  }) => {
    const reply = await as(adminUser).post('/roles', sales)
    expect(reply.statusCode).toBe(201)
    const role = reply.json()
    expect(role).toMatchObject({
      name: 'Sales Manager',
      codename: 'sales_manager',
      description: null,
      company_id: testCompany.id,
      is_system_role: false,
      is_active: true,
      permissions: ['product.read', 'product.update'],
    })
    expect(reply.headers.location).toBe(`/api/v1/roles/${role.id}`)
    expect((await as(adminUser).get(`/roles/${role.id}`)).json()).toEqual(role)
    expect((await as(adminUser).get('/roles?codename=sales_manager')).json().items).toEqual([role])
  })

  test('changes what is given, by PUT and PATCH', async ({ as, adminUser }) => {
    const admin = as(adminUser)
    const { id } = (await admin.post('/roles', sales)).json()
    const renamed = (await admin.patch(`/roles/${id}`, { name: 'Sellers', description: 'Who sell' })).json()
    expect(renamed).toMatchObject({
      name: 'Sellers',
      codename: 'sales_manager',
      permissions: ['product.read', 'product.update'],
    })
    const emptied = (await admin.put(`/roles/${id}`, { permissions: [], is_active: false })).json()
    expect(emptied).toMatchObject({ name: 'Sellers', permissions: [], is_active: false })
    const filled = (await admin.put(`/roles/${id}/permissions`, { permissions: ['user:read'] })).json()
    expect(filled).toMatchObject({ name: 'Sellers', permissions: ['user.read'] })
    expect((await admin.get(`/roles/${id}`)).json()).toEqual(filled)
  })

  test('never changes its codename', async ({ as, adminUser }) => {
    const { id } = (await as(adminUser).post('/roles', sales)).json()
    const reply = await as(adminUser).patch(`/roles/${id}`, { codename: 'super_admin' })
    expect(reply.statusCode).toBe(422)
    expect(reply.json().detail[0]).toMatchObject({ loc: ['body', 'codename'], type: 'extra_forbidden' })
  })

  test('has a codename of its own in the company, in another company it may be the same', async ({
    as,
    adminUser,
    outsider,
  }) => {
    const other = { ...sales, name: 'Another name', codename: 'sales_manager' }
    await as(adminUser).post('/roles', sales)
    const reply = await as(adminUser).post('/roles', other)
    expect([reply.statusCode, reply.json().code]).toEqual([400, 'duplicate'])
    expect((await as(outsider).post('/roles', sales)).statusCode).toBe(201)
  })

  test.for(['super_admin', 'member'])(
    'cannot take the codename %s, which guards know',
    async (codename, { as, adminUser }) => {
      const reply = await as(adminUser).post('/roles', { name: 'Mine', codename })
      expect([reply.statusCode, reply.json().code]).toEqual([400, 'duplicate'])
      const derived = await as(adminUser).post('/roles', { name: codename.replace('_', ' ').toUpperCase() })
      expect([derived.statusCode, derived.json().code]).toEqual([400, 'duplicate'])
    },
  )

  test('names only permissions that exist; each other one is pointed at', async ({ as, adminUser }) => {
    const permissions = ['product.read', 'product.fly', 'product.read', 'nonsense']
    const { id } = (await as(adminUser).post('/roles', sales)).json()
    for (const reply of [
      await as(adminUser).post('/roles', { name: 'x', permissions }),
      await as(adminUser).patch(`/roles/${id}`, { permissions }),
      await as(adminUser).put(`/roles/${id}/permissions`, { permissions }),
    ]) {
      expect(reply.statusCode).toBe(422)
      expect(reply.json().detail.map(({ loc }: { loc: unknown }) => loc)).toEqual([
        ['body', 'permissions', 1],
        ['body', 'permissions', 3],
      ])
    }
  })

  test('takes at most 1000 names', async ({ as, adminUser }) => {
    const many = (count: number) => Array.from({ length: count }, () => 'product.read')
    expect((await as(adminUser).post('/roles', { name: 'x', permissions: many(10_000) })).statusCode).toBe(422)
    expect((await as(adminUser).post('/roles', { name: 'x', permissions: many(1000) })).json().permissions).toEqual([
      'product.read',
    ])
  })

  test('is deleted when nobody has it, and not before', async ({ as, trusted, adminUser, viewerUser, testCompany }) => {
    const { id } = (await as(adminUser).post('/roles', sales)).json()
    await addMember(trusted, viewerUser, testCompany, id)
    const refused = await as(adminUser).delete(`/roles/${id}`)
    expect([refused.statusCode, refused.json().code]).toEqual([400, 'still_referenced'])
    const free = (await as(adminUser).post('/roles', { name: 'Free' })).json()
    expect((await as(adminUser).delete(`/roles/${free.id}`)).statusCode).toBe(204)
    expect((await as(adminUser).get(`/roles/${free.id}`)).statusCode).toBe(404)
  })
})

describe('roles of all companies', () => {
  test('are seen by every company, and system roles changed by nobody', async ({
    as,
    adminUser,
    outsider,
    superuser,
  }) => {
    const [viewer] = (await as(adminUser).get('/roles?codename=viewer')).json().items
    expect(viewer).toMatchObject({ company_id: null, is_system_role: true })
    expect((await as(outsider).get(`/roles/${viewer.id}`)).json()).toEqual(viewer)
    for (const caller of [as(adminUser), as(superuser)])
      for (const reply of [
        await caller.patch(`/roles/${viewer.id}`, { name: 'Mine' }),
        await caller.put(`/roles/${viewer.id}/permissions`, { permissions: [] }),
        await caller.delete(`/roles/${viewer.id}`),
      ])
        expect(reply.json()).toMatchObject({ code: 'bad_request', detail: 'System roles cannot be changed' })
  })

  test('are made, changed and deleted by superusers alone', async ({ as, adminUser, superuser }) => {
    const body = { name: 'Auditor', company_id: null, permissions: ['audit.read'] }
    expect((await as(adminUser).post('/roles', body)).json()).toMatchObject({ code: 'permission_denied' })
    const role = (await as(superuser).post('/roles', body)).json()
    expect(role).toMatchObject({ company_id: null, is_system_role: false })
    expect((await as(adminUser).get(`/roles/${role.id}`)).statusCode).toBe(200)
    for (const reply of [
      await as(adminUser).patch(`/roles/${role.id}`, { name: 'Mine' }),
      await as(adminUser).put(`/roles/${role.id}/permissions`, { permissions: [] }),
      await as(adminUser).delete(`/roles/${role.id}`),
    ])
      expect(reply.json()).toMatchObject({ code: 'permission_denied' })
    expect((await as(superuser).patch(`/roles/${role.id}`, { name: 'Auditors' })).json().name).toBe('Auditors')
    expect((await as(superuser).delete(`/roles/${role.id}`)).statusCode).toBe(204)
  })

  test('are not made by accident, by a superuser in no company', async ({ app, authHeaders, superuser }) => {
    const nowhere = callerOf(app, authHeaders({ ...superuser, company_id: null }))
    expect((await nowhere.post('/roles', { name: 'x' })).json().code).toBe('no_company')
    expect((await nowhere.post('/groups', { name: 'x' })).json().code).toBe('no_company')
  })
})

describe('a superuser', () => {
  test('reaches the roles of every company, and lists them with company_id=all', async ({
    as,
    outsider,
    superuser,
  }) => {
    const role = (await as(outsider).post('/roles', sales)).json()
    const root = as(superuser)
    expect((await root.get('/roles?codename=sales_manager')).json().total).toBe(0)
    expect((await root.get('/roles?company_id=all&codename=sales_manager')).json().items).toEqual([role])
    expect((await root.get(`/roles/${role.id}`)).json()).toEqual(role)
    expect((await root.put(`/roles/${role.id}/permissions`, { permissions: [] })).json().permissions).toEqual([])
    expect((await root.delete(`/roles/${role.id}`)).statusCode).toBe(204)
  })

  test('pages through all companies’ roles after a text too long for a cursor', async ({ as, trusted, superuser }) => {
    const description = 'x'.repeat(200)
    await trusted(async ({ db }) => {
      for (const n of [1, 2, 3]) await addRole(db, { description: `${description}${n}` })
    })
    const root = as(superuser)
    const seen: string[] = []
    const first = '/roles?company_id=all&description__isnull=false&sort=description&page_size=1'
    for (let url: string | null = first; url;) {
      const { items, next_cursor }: { items: { description: string }[]; next_cursor: string | null } = (
        await root.get(url)
      ).json()
      seen.push(...items.map((role) => role.description.slice(-1)))
      url = next_cursor && `${first}&cursor=${next_cursor}`
    }
    expect(seen).toEqual(['1', '2', '3'])
  })
})

describe('two changes of a role at once', () => {
  test('are each judged by what the other has left', async ({ as, trusted, adminUser, testCompany }) => {
    const id = await addRole(trusted, { company_id: testCompany.id })
    const sets = [['product.read'], ['user.read'], ['audit.read']]
    const replies = await Promise.all(
      sets.map((permissions) => as(adminUser).put(`/roles/${id}/permissions`, { permissions })),
    )
    expect(replies.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200])
    const { permissions } = (await as(adminUser).get(`/roles/${id}`)).json()
    expect(sets).toContainEqual(permissions)
  })
})

test('100 roles with permissions take as many statements as one', async ({
  engine,
  settings,
  trusted,
  adminUser,
  testCompany,
  authHeaders,
}) => {
  const counted = countingEngine(engine)
  await using own = await ownApp({ engine: counted.engine, settings })
  const admin = callerOf(own.app, authHeaders(adminUser))
  const list = async () => {
    const before = counted.count()
    const { items } = (await admin.get('/roles?page_size=200')).json()
    return { items: items.length, statements: counted.count() - before }
  }
  const statements = async () => (await list()).statements
  await expect.poll(statements).toBe(3) // the page, its count, all links; the caller is known
  const few = await list()
  await trusted(async ({ db }) => {
    for (let n = 0; n < 100; n++)
      await addRole(db, { company_id: testCompany.id, permissions: ['product.read', 'user.read'] })
  })
  await expect.poll(statements).toBe(3)
  expect((await list()).items).toBe(few.items + 100)
})

test('a role of the company is no other company’s, whatever a membership says', async ({
  as,
  trusted,
  adminUser,
  outsider,
  otherCompany,
  testCompany,
}) => {
  const id = await addRole(trusted, { company_id: testCompany.id, permissions: ['product.read'] })
  await addMember(trusted, outsider, otherCompany, id)
  expect((await as(outsider).get(`/roles/${id}`)).statusCode).toBe(404)
  expect((await as(adminUser).get(`/roles/${id}`)).statusCode).toBe(200)
})

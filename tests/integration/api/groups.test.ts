import { userCompanyRoles, userGroups, users } from '../../../app/models/index.ts'
import { and, eq, sql } from 'drizzle-orm'
import { addGroup, addMember, addRole } from '../../support/people.ts'
import { atOnce } from '../../support/at-once.ts'
import { callerOf } from '../../support/caller.ts'
import { countingEngine } from '../../support/counting-engine.ts'
import { describe, expect, test } from '../../support/fixtures.ts'
import { ownApp } from '../../support/own-app.ts'
import { SERVER_URL } from '../../support/server-databases.ts'
import { openUnit } from '../../support/work-as.ts'

const writers = { name: 'Writers', description: 'Who write', permissions: ['product:create', 'product.read'] }

describe('a group', () => {
  test('is created, shown, listed, changed and deleted', async ({
    as,
    adminUser,
    testUser,
    viewerUser,
    testCompany,
  }) => {
    const admin = as(adminUser)
    const created = await admin.post('/groups', { ...writers, user_ids: [viewerUser.id, testUser.id, testUser.id] })
    expect(created.statusCode).toBe(201)
    const group = created.json()
    const listed = {
      id: group.id,
      name: 'Writers',
      codename: 'writers',
      description: 'Who write',
      company_id: testCompany.id,
      is_system_group: false,
      is_active: true,
      permissions: ['product.create', 'product.read'],
      member_count: 2,
    }
    expect(group).toMatchObject({
      ...listed,
      user_ids: [testUser.id, viewerUser.id],
      members: [
        { id: testUser.id, username: 'manager', full_name: 'The manager' },
        { id: viewerUser.id, username: 'viewer', full_name: 'The viewer' },
      ],
    })
    expect(created.headers.location).toBe(`/api/v1/groups/${group.id}`)
    expect((await admin.get(`/groups/${group.id}`)).json()).toEqual(group)
    const { items } = (await admin.get('/groups?name__contains=writ')).json()
    expect(items).toEqual([expect.objectContaining(listed)])
    expect(items[0]).not.toHaveProperty('members')

    const changed = (await admin.patch(`/groups/${group.id}`, { name: 'Authors', is_active: false })).json()
    expect(changed).toMatchObject({ name: 'Authors', codename: 'writers', is_active: false, member_count: 2 })
    expect((await admin.put(`/groups/${group.id}/users`, { user_ids: [adminUser.id] })).json().user_ids).toEqual([
      adminUser.id,
    ])
    expect((await admin.put(`/groups/${group.id}/permissions`, { permissions: [] })).json().permissions).toEqual([])
    expect((await admin.delete(`/groups/${group.id}`)).statusCode).toBe(204)
    expect((await admin.get(`/groups/${group.id}`)).statusCode).toBe(404)
  })

  test('gives its members its permissions at once, and takes them back', async ({ as, adminUser, viewerUser }) => {
    const { id } = (await as(adminUser).post('/groups', writers)).json()
    const write = async () =>
      (await as(viewerUser).post('/products', { name: 'x', sku: crypto.randomUUID(), price: 1 })).statusCode
    await expect.poll(write).toBe(403)
    await as(adminUser).put(`/groups/${id}/users`, { user_ids: [viewerUser.id] })
    await expect.poll(write).toBe(201)
    await as(adminUser).put(`/groups/${id}/users`, { user_ids: [] })
    await expect.poll(write).toBe(403)
  })

  test('has a codename of its own in the company alone', async ({ as, adminUser, outsider }) => {
    await as(adminUser).post('/groups', writers)
    expect((await as(adminUser).post('/groups', { ...writers, name: 'WRITERS' })).json().code).toBe('duplicate')
    expect((await as(outsider).post('/groups', writers)).statusCode).toBe(201)
  })

  test('cannot be filtered or sorted by what is counted', async ({ as, adminUser }) => {
    expect((await as(adminUser).get('/groups?member_count=1')).statusCode).toBe(422)
    expect((await as(adminUser).get('/groups?sort=member_count')).statusCode).toBe(422)
    expect((await as(adminUser).get('/groups?sort=-name&is_active=true')).statusCode).toBe(200)
  })

  test('of the system is never changed, its members included', async ({
    as,
    trusted,
    adminUser,
    superuser,
    testCompany,
  }) => {
    const id = await addGroup(trusted, { company_id: testCompany.id, is_system_group: true })
    for (const caller of [as(adminUser), as(superuser)])
      for (const reply of [
        await caller.patch(`/groups/${id}`, { name: 'x' }),
        await caller.put(`/groups/${id}/users`, { user_ids: [] }),
        await caller.put(`/groups/${id}/permissions`, { permissions: [] }),
        await caller.delete(`/groups/${id}`),
      ])
        expect(reply.json()).toMatchObject({ code: 'bad_request', detail: 'System groups cannot be changed' })
    expect((await as(adminUser).get(`/groups/${id}`)).statusCode).toBe(200)
  })

  test('of another company is reached by superusers', async ({ as, outsider, superuser }) => {
    const group = (await as(outsider).post('/groups', { ...writers, user_ids: [outsider.id] })).json()
    const root = as(superuser)
    expect((await root.get('/groups?company_id=all&codename=writers')).json().items[0].member_count).toBe(1)
    expect((await root.get(`/groups/${group.id}`)).json()).toEqual(group)
    const emptied = (await root.put(`/groups/${group.id}/users`, { user_ids: [] })).json()
    expect(emptied.members).toEqual([])
    // Not even a superuser mixes companies: their own company's people are none of this group's.
    expect((await root.put(`/groups/${group.id}/users`, { user_ids: [superuser.id] })).statusCode).toBe(422)
  })
})

describe('members of a group', () => {
  test('are members of its company; anybody else is nobody, word by word', async ({
    as,
    trusted,
    adminUser,
    testUser,
    outsider,
    stranger,
    testCompany,
  }) => {
    const admin = as(adminUser)
    const { id } = (await admin.post('/groups', { name: 'G' })).json()
    const refuse = async (user_id: number) => {
      const reply = await admin.put(
        `/groups/${id}/users`,
        { user_ids: [testUser.id, user_id] },
        { 'x-request-id': 'same' },
      )
      expect(reply.statusCode).toBe(422)
      return reply.body
    }
    const nobody = await refuse(987_654_321)
    expect(await refuse(outsider.id)).toBe(nobody)
    expect(await refuse(stranger.id)).toBe(nobody)
    expect(JSON.parse(nobody).detail).toEqual([
      { loc: ['body', 'user_ids', 1], msg: 'Not a member of this company', type: 'unknown_user' },
    ])
    const created = await admin.post('/groups', { name: 'H', user_ids: [outsider.id] })
    expect(created.statusCode).toBe(422)

    const role_id = await addRole(trusted, {})
    await addMember(trusted, stranger, testCompany, role_id)
    expect((await admin.put(`/groups/${id}/users`, { user_ids: [stranger.id] })).statusCode).toBe(200)
    await trusted(({ db }) =>
      db
        .update(userCompanyRoles)
        .set({ is_active: false })
        .where(and(eq(userCompanyRoles.user_id, stranger.id), eq(userCompanyRoles.company_id, testCompany.id))),
    )
    await admin.put(`/groups/${id}/users`, { user_ids: [] })
    await refuse(stranger.id)
  })

  test.skipIf(!SERVER_URL)(
    'keep no stranger’s company waiting, and wait for none',
    async ({ engine, as, adminUser, outsider, onTestFinished }) => {
      const admin = as(adminUser)
      const { id } = (await admin.post('/groups', { name: 'G' })).json()
      const other = openUnit(engine, { ...outsider, company_id: null })
      onTestFinished(() => other.rollback())
      await other.trusted((db) => db.select().from(users).where(eq(users.id, outsider.id)).for('update'))
      expect((await admin.put(`/groups/${id}/users`, { user_ids: [outsider.id] })).statusCode).toBe(422)
      await other.commit() // fails where it was waited for: PostgreSQL ends who is idle in a transaction for 10 s
    },
  )

  test('who have left the company, or were deleted, are not there', async ({
    as,
    trusted,
    adminUser,
    outsider,
    viewerUser,
    testCompany,
  }) => {
    const id = await addGroup(trusted, {
      company_id: testCompany.id,
      users: [outsider.id, viewerUser.id, adminUser.id],
    })
    await trusted(({ db }) => db.update(users).set({ is_deleted: true }).where(eq(users.id, viewerUser.id)))
    expect((await as(adminUser).get(`/groups/${id}`)).json()).toMatchObject({
      user_ids: [adminUser.id],
      member_count: 1,
    })
    const { items } = (await as(adminUser).get(`/groups?id=${id}`)).json()
    expect(items[0].member_count).toBe(1)
  })

  test('are at most 1000 to a request', async ({ as, adminUser }) => {
    const { id } = (await as(adminUser).post('/groups', { name: 'G' })).json()
    const many = (count: number) => Array.from({ length: count }, () => adminUser.id)
    expect((await as(adminUser).put(`/groups/${id}/users`, { user_ids: many(10_000) })).statusCode).toBe(422)
    expect((await as(adminUser).put(`/groups/${id}/users`, { user_ids: many(1000) })).json().user_ids).toEqual([
      adminUser.id,
    ])
    expect((await as(adminUser).put(`/groups/${id}/users`, { user_ids: ['1'] })).statusCode).toBe(422)
  })
})

test('100 groups take as many statements as one', async ({
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
    const { items } = (await admin.get('/groups?page_size=200')).json()
    return [items.length, counted.count() - before]
  }
  const group = { company_id: testCompany.id, permissions: ['product.read'], users: [adminUser.id] }
  await addGroup(trusted, group)
  await expect.poll(list).toEqual([1, 4]) // the page, its count, permissions, members; the caller is known
  await trusted(async ({ db }) => {
    for (let n = 0; n < 99; n++) await addGroup(db, group)
  })
  await expect.poll(list).toEqual([100, 4])
})

test('somebody who leaves the company while they are put into a group is in neither', async ({
  engine,
  trusted,
  as,
  adminUser,
  viewerUser,
  testCompany,
}) => {
  const group = (await as(adminUser).post('/groups', writers)).json()
  const hold = sql`lock table user_groups in share mode`
  const [, left] = await atOnce({ engine, trusted }, hold, [
    () => as(adminUser).put(`/groups/${group.id}/users`, { user_ids: [viewerUser.id] }),
    () => as(adminUser).delete(`/users/${viewerUser.id}/companies/${testCompany.id}`),
  ])
  expect(left?.statusCode).toBe(204)
  const links = await trusted(({ db }) => db.select().from(userGroups).where(eq(userGroups.user_id, viewerUser.id)))
  expect(links).toEqual([])
})

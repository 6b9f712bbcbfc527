import { and, eq } from 'drizzle-orm'
import { groups, userCompanyRoles, userGroups, users } from '../../../app/models/index.ts'
import { describe, expect, test } from '../../support/fixtures.ts'
import { addMember, addPerson, addRole, storedUser, systemRole } from '../../support/people.ts'
import type { Trusted } from '../../support/work-as.ts'

const rowsOf = (trusted: Trusted, user_id: number) =>
  trusted(({ db }) =>
    db.select().from(userCompanyRoles).where(eq(userCompanyRoles.user_id, user_id)).orderBy(userCompanyRoles.id),
  )

describe('giving a role', () => {
  test('to a member works, tells where it is, and again changes nothing', async ({
    as,
    adminUser,
    viewerUser,
    trusted,
    testCompany,
  }) => {
    const company_id = testCompany.id
    const role_id = await systemRole(trusted, 'editor')
    const give = () => as(adminUser).post(`/users/${viewerUser.id}/companies`, { company_id, role_id })
    const reply = await give()
    expect(reply.statusCode).toBe(201)
    expect(reply.headers.location).toBe(`/api/v1/users/${viewerUser.id}/companies/${company_id}`)
    expect(reply.json()).toEqual({
      company_id,
      role_id,
      role_name: 'Editor',
      role_codename: 'editor',
      is_default: false,
      is_active: true,
    })
    expect((await give()).json()).toEqual(reply.json())
    expect(await rowsOf(trusted, viewerUser.id)).toHaveLength(2)
  })

  test('to who was deleted is as to nobody', async ({ as, adminUser, viewerUser, trusted, testCompany }) => {
    const body = { company_id: testCompany.id, role_id: await systemRole(trusted, 'editor') }
    await trusted(({ db }) => db.update(users).set({ is_deleted: true }).where(eq(users.id, viewerUser.id)))
    const reply = await as(adminUser).post(`/users/${viewerUser.id}/companies`, body)
    expect(reply.json()).toMatchObject({ code: 'not_found', detail: 'User not found' })
    expect(await rowsOf(trusted, viewerUser.id)).toHaveLength(1)
  })

  test('many times at once makes one membership', async ({ as, adminUser, viewerUser, trusted, testCompany }) => {
    const role_id = await systemRole(trusted, 'editor')
    const body = { company_id: testCompany.id, role_id, is_default: true }
    const replies = await Promise.all(
      [1, 2, 3].map(() => as(adminUser).post(`/users/${viewerUser.id}/companies`, body)),
    )
    expect(replies.map(({ statusCode }) => statusCode)).toEqual([201, 201, 201])
    expect((await rowsOf(trusted, viewerUser.id)).map(({ is_default }) => is_default)).toEqual([false, true])
  })

  test('as the default makes it the only one, in all companies', async ({
    as,
    superuser,
    viewerUser,
    trusted,
    otherCompany,
  }) => {
    const role_id = await systemRole(trusted, 'viewer')
    const body = { company_id: otherCompany.id, role_id, is_default: true }
    expect((await as(superuser).post(`/users/${viewerUser.id}/companies`, body)).json().is_default).toBe(true)
    const rows = await rowsOf(trusted, viewerUser.id)
    expect(rows.filter(({ is_default }) => is_default)).toMatchObject([{ company_id: otherCompany.id }])
  })

  test('gives what the role permits, at the next request', async ({
    as,
    adminUser,
    viewerUser,
    trusted,
    testCompany,
  }) => {
    expect((await as(viewerUser).post('/products', { name: 'x', sku: 'x', price: 1 })).statusCode).toBe(403)
    const body = { company_id: testCompany.id, role_id: await systemRole(trusted, 'editor') }
    await as(adminUser).post(`/users/${viewerUser.id}/companies`, body)
    await expect
      .poll(async () => (await as(viewerUser).post('/products', { name: 'x', sku: 'x', price: 1 })).statusCode)
      .toBe(201)
  })

  test('works in the company that the body names, with the rights that one has there', async ({
    as,
    viewerUser,
    trusted,
    testCompany,
    otherCompany,
  }) => {
    // Active in TEST, where a viewer may not; in OTHER an admin.
    await addMember(trusted, viewerUser, otherCompany, 'admin')
    const target = await addPerson(trusted, 'target', otherCompany)
    const role_id = await systemRole(trusted, 'viewer')
    const give = (company_id: number) => as(viewerUser).post(`/users/${target.id}/companies`, { company_id, role_id })
    expect((await give(otherCompany.id)).statusCode).toBe(201)
    expect((await give(testCompany.id)).json().code).toBe('permission_denied')
    expect((await as(viewerUser).delete(`/users/${target.id}/companies/${otherCompany.id}`)).statusCode).toBe(204)
  })

  test('takes a user from a company in which one may read users, and from no other', async ({
    as,
    adminUser,
    outsider,
    trusted,
    testCompany,
    otherCompany,
  }) => {
    const company_id = testCompany.id
    const role_id = await systemRole(trusted, 'viewer')
    const give = () => as(adminUser).post(`/users/${outsider.id}/companies`, { company_id, role_id })
    const unknown = await as(adminUser).post(`/users/${outsider.id + 1000}/companies`, { company_id, role_id })
    expect(unknown.json()).toMatchObject({ code: 'not_found', detail: 'User not found' })
    expect({ ...(await give()).json(), request_id: '' }).toEqual({ ...unknown.json(), request_id: '' })

    const blind = await addRole(trusted, {
      company_id: otherCompany.id,
      codename: 'blind',
      permissions: ['product.read'],
    })
    await addMember(trusted, adminUser, otherCompany, blind)
    await expect.poll(async () => (await as(adminUser).get('/companies/mine')).json().items.length).toBe(2)
    expect((await give()).statusCode).toBe(404)
    await addMember(trusted, adminUser, otherCompany, 'member')
    await expect.poll(async () => (await give()).statusCode).toBe(201)
    expect((await as(adminUser).get(`/users/${outsider.id}`)).statusCode).toBe(200)
  })

  test('takes roles of that company and of all, and tells nothing of others', async ({
    as,
    adminUser,
    viewerUser,
    trusted,
    testCompany,
    otherCompany,
  }) => {
    const own = await addRole(trusted, { company_id: testCompany.id, codename: 'own', permissions: ['product.read'] })
    const foreign = await addRole(trusted, {
      company_id: otherCompany.id,
      codename: 'foreign',
      permissions: ['product.read'],
    })
    const give = async (role_id: number) => {
      const body = { company_id: testCompany.id, role_id }
      return { ...(await as(adminUser).post(`/users/${viewerUser.id}/companies`, body)).json(), request_id: '' }
    }
    expect(await give(foreign)).toMatchObject({ code: 'invalid_reference' })
    expect(await give(foreign)).toEqual(await give(foreign + 1000))
    expect(await give(own)).toMatchObject({ role_codename: 'own' })
  })

  test('gives no role of another company that a superuser, too, would mean by mistake', async ({
    as,
    superuser,
    viewerUser,
    trusted,
    testCompany,
    otherCompany,
  }) => {
    const role_id = await addRole(trusted, { company_id: otherCompany.id, codename: 'foreign', permissions: [] })
    const body = { company_id: testCompany.id, role_id }
    expect((await as(superuser).post(`/users/${viewerUser.id}/companies`, body)).json().code).toBe('invalid_reference')
  })

  test('gives nobody more than the giver has, oneself included', async ({
    as,
    stranger,
    viewerUser,
    trusted,
    testCompany,
  }) => {
    await addMember(
      trusted,
      stranger,
      testCompany,
      await addRole(trusted, { company_id: testCompany.id, codename: 'hr', permissions: ['user.manage'] }),
    )
    const hr = as({ ...stranger, company_id: testCompany.id })
    const company_id = testCompany.id
    const role_id = await systemRole(trusted, 'admin')
    for (const { id } of [viewerUser, stranger]) {
      const reply = await hr.post(`/users/${id}/companies`, { company_id, role_id })
      expect(reply.json()).toMatchObject({
        code: 'permission_denied',
        detail: expect.stringMatching(/^You cannot grant/),
      })
    }
    const less = { company_id, role_id: await systemRole(trusted, 'member') }
    expect((await hr.post(`/users/${viewerUser.id}/companies`, less)).statusCode).toBe(201)
    expect(await rowsOf(trusted, stranger.id)).toHaveLength(1)
  })

  test.for([{}, { company_id: 1 }, { company_id: 'x', role_id: 1 }, { company_id: null, role_id: 1 }])(
    'needs a company and a role: %j',
    async (body, { as, adminUser, viewerUser }) => {
      expect((await as(adminUser).post(`/users/${viewerUser.id}/companies`, body)).statusCode).toBe(422)
    },
  )
})

describe('ending a membership', () => {
  test('takes roles and groups of that company, and no others', async ({
    as,
    adminUser,
    trusted,
    testCompany,
    otherCompany,
  }) => {
    const user = await addPerson(trusted, 'leaving', testCompany, { current_company_id: testCompany.id })
    await addMember(trusted, user, testCompany, 'viewer')
    await addMember(trusted, user, otherCompany, 'viewer')
    const [, kept] = await trusted(async ({ db }) => {
      const both = [testCompany, otherCompany].map(({ id }) => ({ name: 'G', codename: 'g', company_id: id }))
      const made = await db.insert(groups).values(both).returning()
      await db.insert(userGroups).values(made.map(({ id }) => ({ user_id: user.id, group_id: id })))
      return made
    })
    expect((await as(adminUser).delete(`/users/${user.id}/companies/${testCompany.id}`)).statusCode).toBe(204)
    expect(await rowsOf(trusted, user.id)).toMatchObject([{ company_id: otherCompany.id }])
    const left = await trusted(({ db }) => db.select().from(userGroups).where(eq(userGroups.user_id, user.id)))
    expect(left).toEqual([{ user_id: user.id, group_id: kept!.id }])
    expect((await storedUser(trusted, user.id)).current_company_id).toBeNull()
    expect((await as(adminUser).get(`/users/${user.id}`)).statusCode).toBe(404)
    expect((await as(adminUser).delete(`/users/${user.id}/companies/${testCompany.id}`)).statusCode).toBe(404)
  })

  test('leaves the current company alone when it is another', async ({
    as,
    adminUser,
    trusted,
    testCompany,
    otherCompany,
  }) => {
    const user = await addPerson(trusted, 'leaving', testCompany, { current_company_id: otherCompany.id })
    await as(adminUser).delete(`/users/${user.id}/companies/${testCompany.id}`)
    expect((await storedUser(trusted, user.id)).current_company_id).toBe(otherCompany.id)
  })

  test('is in the company of the path, whatever else the request names', async ({
    as,
    adminUser,
    outsider,
    trusted,
    testCompany,
    otherCompany,
  }) => {
    const user = await addPerson(trusted, 'both', testCompany)
    await addMember(trusted, user, otherCompany, 'viewer')
    const path = `/users/${user.id}/companies/${otherCompany.id}`
    for (const query of ['', `?company_id=${testCompany.id}`])
      expect((await as(adminUser).delete(`${path}${query}`)).json().code).toBe('company_forbidden')
    const named = await as(adminUser).delete(path, undefined, { 'x-company-id': String(testCompany.id) })
    expect(named.json().code).toBe('company_forbidden')
    expect((await as(adminUser).delete(`/users/${user.id}/companies/999999`)).json().code).toBe('company_forbidden')
    expect(await rowsOf(trusted, user.id)).toHaveLength(2)
    expect((await as(outsider).delete(path)).statusCode).toBe(204)
  })

  test('takes what it permitted, at the next request', async ({ as, adminUser, viewerUser, testCompany, trusted }) => {
    expect((await as(viewerUser).get('/products')).statusCode).toBe(200)
    await as(adminUser).delete(`/users/${viewerUser.id}/companies/${testCompany.id}`)
    await expect.poll(async () => (await as(viewerUser).get('/products')).statusCode).toBe(403)
    const left = await trusted(({ db }) =>
      db
        .select()
        .from(userCompanyRoles)
        .where(and(eq(userCompanyRoles.user_id, viewerUser.id), eq(userCompanyRoles.company_id, testCompany.id))),
    )
    expect(left).toEqual([])
  })
})

import { and, eq } from 'drizzle-orm'
import {
  companies,
  groupPermissions,
  groups,
  permissions,
  roles,
  sessions,
  userCompanyRoles,
  userGroups,
  users,
} from '../../../app/models/index.ts'
import type { Context } from '../../../app/services/context.ts'
import { newProduct } from '../../support/caller.ts'
import { describe, expect, test, type TestUser } from '../../support/fixtures.ts'

type Change = (db: Context['db'], user: TestUser) => Promise<unknown>
const roleNamed = async (db: Context['db'], codename: string) =>
  (await db.select().from(roles).where(eq(roles.codename, codename)))[0]!.id

/** What somebody else does → what the user’s next request is told. */
const CHANGES: Record<string, [Change, status: number, code: string]> = {
  'a user is deactivated': [
    (db, { id }) => db.update(users).set({ is_active: false }).where(eq(users.id, id)),
    401,
    'not_authenticated',
  ],
  'a user is deleted': [(db, { id }) => db.delete(users).where(eq(users.id, id)), 401, 'not_authenticated'],
  'a session is revoked': [
    (db, { id }) => db.update(sessions).set({ revoked_at: new Date().toISOString() }).where(eq(sessions.user_id, id)),
    401,
    'not_authenticated',
  ],
  'a membership is removed': [
    (db, { id }) => db.delete(userCompanyRoles).where(eq(userCompanyRoles.user_id, id)),
    403,
    'no_company',
  ],
  'a membership is switched off': [
    (db, { id }) => db.update(userCompanyRoles).set({ is_active: false }).where(eq(userCompanyRoles.user_id, id)),
    403,
    'no_company',
  ],
  'a role is switched off': [
    (db) => db.update(roles).set({ is_active: false }).where(eq(roles.codename, 'manager')),
    403,
    'no_company',
  ],
  'a company is switched off': [
    (db) => db.update(companies).set({ is_active: false }).where(eq(companies.code, 'TEST')),
    403,
    'no_company',
  ],
  'a role is exchanged': [
    async (db, { id }) =>
      db
        .update(userCompanyRoles)
        .set({ role_id: await roleNamed(db, 'viewer') })
        .where(eq(userCompanyRoles.user_id, id)),
    403,
    'permission_denied',
  ],
  'its permissions are switched off': [
    (db) => db.update(permissions).set({ is_active: false }).where(eq(permissions.resource, 'product')),
    403,
    'permission_denied',
  ],
}

describe('the next request sees it when', () => {
  test.for(Object.entries(CHANGES))('%s', async ([, [change, status, code]], { as, trusted, testUser }) => {
    const user = as(testUser)
    expect((await user.post('/products', newProduct)).statusCode).toBe(201)
    await trusted(({ db }) => change(db, testUser))
    const next = () => user.post('/products', { ...newProduct, sku: crypto.randomUUID() })
    await expect.poll(async () => (await next()).statusCode, { timeout: 1000, interval: 5 }).toBe(status)
    expect((await next()).json().code).toBe(code)
  })

  test('a group of theirs gets a permission, and loses it again', async ({ as, trusted, viewerUser, testCompany }) => {
    const user = as(viewerUser)
    const next = async () => (await user.post('/products', { ...newProduct, sku: crypto.randomUUID() })).statusCode
    expect(await next()).toBe(403)
    const id = await trusted(async ({ db }) => {
      const [permission] = await db.select().from(permissions).where(eq(permissions.name, 'product.create'))
      const [group] = await db
        .insert(groups)
        .values({ name: 'Buyers', codename: 'buyers', company_id: testCompany.id })
        .returning()
      await db.insert(groupPermissions).values({ group_id: group!.id, permission_id: permission!.id })
      await db.insert(userGroups).values({ group_id: group!.id, user_id: viewerUser.id })
      return group!.id
    })
    await expect.poll(next, { timeout: 1000, interval: 5 }).toBe(201)
    await trusted(({ db }) => db.update(groups).set({ is_active: false }).where(eq(groups.id, id)))
    await expect.poll(next, { timeout: 1000, interval: 5 }).toBe(403)
  })
})

describe('the company of a request', () => {
  test('is the token’s, unless the caller names another of theirs', async ({
    as,
    trusted,
    testUser,
    otherCompany,
    testCompany,
  }) => {
    await trusted(async ({ db }) =>
      db
        .insert(userCompanyRoles)
        .values({ user_id: testUser.id, company_id: otherCompany.id, role_id: await roleNamed(db, 'viewer') }),
    )
    const user = as(testUser)
    const me = async (headers?: Record<string, string>) =>
      (await user.get('/auth/me', undefined, headers)).json().current_company_id
    expect(await me()).toBe(testCompany.id)
    expect(await me({ 'x-company-id': String(otherCompany.id) })).toBe(otherCompany.id)
    const both = await user.get(`/auth/me?company_id=${testCompany.id}`, undefined, {
      'x-company-id': String(otherCompany.id),
    })
    expect(both.json().current_company_id).toBe(testCompany.id)
    // There a viewer: the list is theirs to see, a product not theirs to make.
    expect((await user.get(`/products?company_id=${otherCompany.id}`)).statusCode).toBe(200)
    const refused = await user.post('/products', { ...newProduct, company_id: otherCompany.id })
    expect(refused.json()).toMatchObject({ code: 'company_forbidden' })
    expect((await user.post('/products', { ...newProduct, company_id: testCompany.id })).json().company_id).toBe(
      testCompany.id,
    )
  })

  test('that is another’s and one that does not exist get the same answer', async ({ as, testUser, otherCompany }) => {
    const user = as(testUser)
    for (const id of [otherCompany.id, 999_999, 0, -1]) {
      const replies = [
        await user.get('/auth/me', undefined, { 'x-company-id': String(id) }),
        await user.get(`/products?company_id=${id}`),
        await user.post('/products', { ...newProduct, company_id: id }),
      ]
      for (const reply of replies) {
        expect(reply.statusCode).toBe(403)
        expect(reply.json()).toMatchObject({ code: 'company_forbidden', detail: 'You may not do this in that company' })
      }
    }
  })

  test.for(['', 'abc', '1.5', '99999999999999999999', '1,2'])(
    'is a fault of the header where X-Company-ID is "%s"',
    async (value, { as, testUser }) => {
      const reply = await as(testUser).get('/products', undefined, { 'x-company-id': value })
      expect(reply.statusCode).toBe(422)
      expect(reply.json().detail).toMatchObject([
        { loc: ['header', 'x-company-id'], msg: 'expected an id, not a code' },
      ])
    },
  )

  test.for([[null], [''], ['abc'], [[]], [{}], [false]])(
    'is a fault of the body where company_id is %j',
    async ([company_id], { as, testUser }) => {
      const reply = await as(testUser).post('/products', { ...newProduct, company_id })
      expect(reply.statusCode).toBe(422)
      expect(reply.json().detail).toEqual([expect.objectContaining({ loc: ['body', 'company_id'] })])
    },
  )

  test('may be any active one for a superuser', async ({ as, trusted, superuser, otherCompany }) => {
    const there = () => as(superuser).get(`/products?company_id=${otherCompany.id}`)
    expect((await there()).statusCode).toBe(200)
    const isOther = and(eq(companies.id, otherCompany.id))
    await trusted(({ db }) => db.update(companies).set({ is_active: false }).where(isOther))
    expect((await there()).statusCode).toBe(403)
  })
})

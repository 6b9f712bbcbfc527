import { eq } from 'drizzle-orm'
import { users } from '../../../app/models/index.ts'
import type { Caller } from '../../support/caller.ts'
import { type TestUser, describe, expect, test as base } from '../../support/fixtures.ts'
import { addMember, addPerson, newUser, systemRole } from '../../support/people.ts'

interface Target {
  id: number
  deleted_id: number
  leaving_id: number
  company_id: number
  role_id: number
}

const CALLS = {
  list: (caller) => caller.get('/users'),
  get: (caller, { id }) => caller.get(`/users/${id}`),
  create: (caller) => caller.post('/users', newUser),
  replace: (caller, { id }) => caller.put(`/users/${id}`, { full_name: 'New' }),
  update: (caller, { id }) => caller.patch(`/users/${id}`, { phone: '1' }),
  assign: (caller, { id, company_id, role_id }) => caller.post(`/users/${id}/companies`, { company_id, role_id }),
  delete: (caller, { leaving_id }) => caller.delete(`/users/${leaving_id}`),
  restore: (caller, { deleted_id }) => caller.post(`/users/${deleted_id}/restore`),
  remove: (caller, { id, company_id }) => caller.delete(`/users/${id}/companies/${company_id}`),
  'own profile': (caller) => caller.get('/users/me'),
  'change own profile': (caller) => caller.patch('/users/me', { full_name: 'Me' }),
} satisfies Record<string, (caller: Caller, target: Target) => ReturnType<Caller['get']>>
type Route = keyof typeof CALLS

const DONE: Record<Route, number> = {
  list: 200,
  get: 200,
  create: 201,
  replace: 200,
  update: 200,
  assign: 201,
  delete: 204,
  restore: 200,
  remove: 204,
  'own profile': 200,
  'change own profile': 200,
}
const denied = (permission: string) => `Missing permission: ${permission}`

/** What each gets that is not done: a code of docs/errors.md or, of a missing permission, the sentence. */
const REFUSED: Record<string, Partial<Record<Route, string>>> = {
  viewerUser: {
    create: denied('user.create'),
    replace: denied('user.update'),
    update: denied('user.update'),
    assign: denied('user.manage'),
    delete: denied('user.delete'),
    restore: denied('user.delete'),
    remove: denied('user.manage'),
  },
  testUser: {
    create: denied('user.create'),
    assign: denied('user.manage'),
    delete: denied('user.delete'),
    restore: denied('user.delete'),
    remove: denied('user.manage'),
  },
  adminUser: {},
  superuser: {},
  outsider: {
    get: 'not_found',
    replace: 'not_found',
    update: 'not_found',
    assign: 'company_forbidden',
    delete: 'not_found',
    restore: 'not_found',
    remove: 'company_forbidden',
  },
  stranger: {
    list: 'no_company',
    get: 'no_company',
    create: 'no_company',
    replace: 'no_company',
    update: 'no_company',
    assign: 'company_forbidden',
    delete: 'no_company',
    restore: 'no_company',
    remove: 'company_forbidden',
  },
}
const ROUTES = Object.keys(CALLS) as Route[]

const test = base
  .extend('people', ({ viewerUser, testUser, adminUser, superuser, outsider, stranger }) => {
    const people: Record<string, TestUser> = { viewerUser, testUser, adminUser, superuser, outsider, stranger }
    return people
  })
  .extend('target', async ({ trusted, testCompany }): Promise<Target> => {
    const { id } = await addPerson(trusted, 'target', testCompany)
    const deleted = await addPerson(trusted, 'deleted', testCompany, { is_deleted: true, owns_email: false })
    const leaving = await addPerson(trusted, 'leaving', testCompany)
    const role_id = await systemRole(trusted, 'viewer')
    return { id, deleted_id: deleted.id, leaving_id: leaving.id, company_id: testCompany.id, role_id }
  })

describe('users, by caller', () => {
  test.for(Object.entries(REFUSED))('%s', async ([name, refused], { as, people, target }) => {
    const caller = as(people[name])
    for (const route of ROUTES) {
      const reply = await CALLS[route](caller, target)
      const expected = refused[route]
      if (expected === undefined)
        expect([route, reply.statusCode, reply.body]).toEqual([route, DONE[route], reply.body])
      else if (expected.includes(' ')) expect([route, reply.json().detail]).toEqual([route, expected])
      else expect([route, reply.json().code]).toEqual([route, expected])
    }
  })

  test.for(ROUTES)('%s needs a log-in', async (route, { as, target }) => {
    expect((await CALLS[route](as(), target)).json().code).toBe('not_authenticated')
  })

  test('who may not create is told so before their body is looked at', async ({ as, viewerUser }) => {
    expect((await as(viewerUser).post('/users', { nonsense: 1 })).statusCode).toBe(403)
  })
})

describe('a list of users', () => {
  test('has the members of the active company, whatever their membership is worth, and nobody who is deleted', async ({
    as,
    adminUser,
    trusted,
    testCompany,
    target,
  }) => {
    const idle = await addPerson(trusted, 'idle', null)
    await addMember(trusted, idle, testCompany, 'viewer', { is_active: false })
    const { items, total } = (await as(adminUser).get('/users?page_size=100&sort=username')).json()
    const names = items.map(({ username }: { username: string }) => username)
    expect(names).toEqual(['admin', 'idle', 'leaving', 'manager', 'superuser', 'target', 'viewer'])
    expect(total).toBe(7)
    expect((await as(adminUser).get(`/users/${target.deleted_id}`)).statusCode).toBe(404)
  })

  test('has everybody for a superuser who asks for all companies', async ({ as, superuser, adminUser }) => {
    const all = (await as(superuser).get('/users?company_id=all&sort=username')).json()
    const names = all.items.map(({ username }: { username: string }) => username)
    expect(names).toEqual(['admin', 'manager', 'outsider', 'stranger', 'superuser', 'viewer'])
    const own = (await as(superuser).get('/users')).json()
    expect(own.total).toBe(4)
    expect((await as(adminUser).get('/users?company_id=all')).json().code).toBe('company_forbidden')
  })

  test.for([
    ['ALL', 422],
    ['every', 422],
    ['', 422],
    ['all,1', 422],
    ['-1', 403],
    ['1.5', 403],
  ] as const)('refuses the company %j with %d', async ([name, status], { as, superuser }) => {
    expect((await as(superuser).get(`/users?company_id=${name}`)).statusCode).toBe(status)
  })

  test('cannot be filtered by the company in which its people are', async ({
    as,
    adminUser,
    otherCompany,
    trusted,
  }) => {
    await trusted(({ db }) =>
      db.update(users).set({ current_company_id: otherCompany.id }).where(eq(users.id, adminUser.id)),
    )
    expect((await as(adminUser).get(`/users?current_company_id=${otherCompany.id}`)).statusCode).toBe(422)
    expect((await as(adminUser).get('/users?sort=current_company_id')).statusCode).toBe(422)
  })
})

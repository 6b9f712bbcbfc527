import { eq } from 'drizzle-orm'
import { SYSTEM_ROLES } from '../../../app/core/permissions.ts'
import { roles, userCompanyRoles } from '../../../app/models/index.ts'
import { type Caller, newProduct } from '../../support/caller.ts'
import { describe, expect, test } from '../../support/fixtures.ts'

type Route = 'list' | 'get' | 'create' | 'update' | 'replace' | 'delete'
const CALLS: Record<
  Route,
  [call: (caller: Caller, id: number) => ReturnType<Caller['get']>, status: number, permission: string]
> = {
  list: [(caller) => caller.get('/products'), 200, 'product.read'],
  get: [(caller, id) => caller.get(`/products/${id}`), 200, 'product.read'],
  create: [(caller) => caller.post('/products', { ...newProduct, sku: 'new' }), 201, 'product.create'],
  update: [(caller, id) => caller.patch(`/products/${id}`, { price: 1 }), 200, 'product.update'],
  replace: [(caller, id) => caller.put(`/products/${id}`, { price: 1 }), 200, 'product.update'],
  delete: [(caller, id) => caller.delete(`/products/${id}`), 204, 'product.delete'],
}
const ALL = Object.keys(CALLS) as Route[]

const MATRIX: Record<string, Route[]> = {
  super_admin: ALL,
  admin: ALL,
  manager: ALL,
  editor: ['list', 'get', 'create', 'update', 'replace'],
  viewer: ['list', 'get'],
  member: [],
}

describe('products, by role', () => {
  test('every system role is in the table', () => {
    expect(Object.keys(MATRIX)).toEqual(SYSTEM_ROLES.map(({ codename }) => codename))
  })

  test.for(Object.entries(MATRIX))(
    '%s',
    async ([codename, permitted], { as, trusted, testUser, stranger, testCompany }) => {
      const { id } = (await as(testUser).post('/products', newProduct)).json()
      await trusted(async ({ db }) => {
        const [role] = await db.select().from(roles).where(eq(roles.codename, codename))
        await db
          .insert(userCompanyRoles)
          .values({ user_id: stranger.id, company_id: testCompany.id, role_id: role!.id })
      })
      const caller = as({ ...stranger, company_id: testCompany.id })
      for (const route of ALL) {
        const [call, status, permission] = CALLS[route]
        const reply = await call(caller, id)
        if (permitted.includes(route)) expect([route, reply.statusCode]).toEqual([route, status])
        else
          expect(reply.json(), route).toMatchObject({
            code: 'permission_denied',
            detail: `Missing permission: ${permission}`,
          })
      }
    },
  )

  test.for(ALL)('%s needs a log-in, and a company', async (route, { as, stranger }) => {
    const [call] = CALLS[route]
    expect((await call(as(), 1)).json().code).toBe('not_authenticated')
    expect((await call(as(stranger), 1)).json().code).toBe('no_company')
  })

  test('a superuser may do everything', async ({ as, superuser, testUser }) => {
    const { id } = (await as(testUser).post('/products', newProduct)).json()
    for (const [call, status] of Object.values(CALLS)) expect((await call(as(superuser), id)).statusCode).toBe(status)
  })

  test('who may not create is told so before their body is looked at', async ({ as, viewerUser }) => {
    expect((await as(viewerUser).post('/products', { nonsense: 1 })).statusCode).toBe(403)
  })
})

import { eq } from 'drizzle-orm'
import { roles, userCompanyRoles } from '../../app/models/index.ts'
import { type Caller, callerOf, newProduct } from './caller.ts'
import { type TestUser, test as base } from './fixtures.ts'

/** The body that makes an API key. */
export const wanted = { name: 'Till', permissions: ['product.read', 'product.create'] }
export const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
/** For what another process, or this one a moment later, will know. */
export const polled = { timeout: 1000, interval: 5 }
/** Makes a product that was not there before. */
export const create = (caller: Pick<Caller, 'post'>, more: object = {}) =>
  caller.post('/products', { ...newProduct, sku: crypto.randomUUID(), ...more })

export const test = base
  // Makes a key as this user, and gives a program that has it.
  .extend('programOf', ({ app, as }) => async (user: TestUser, more: object = {}) => {
    const made = (await as(user).post('/auth/api-keys', { ...wanted, ...more })).json<{ id: number; key: string }>()
    return { ...made, ...callerOf(app, bearer(made.key)) }
  })
  .extend('joinOther', ({ trusted, otherCompany }) => (user: TestUser, role: string) => {
    return trusted(async ({ db }) => {
      const [{ id: role_id } = { id: 0 }] = await db.select().from(roles).where(eq(roles.codename, role))
      await db.insert(userCompanyRoles).values({ user_id: user.id, company_id: otherCompany.id, role_id })
    })
  })

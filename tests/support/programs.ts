import { type Caller, bearer, callerOf, newProduct } from './caller.ts'
import { type TestUser, test as base } from './fixtures.ts'

/** The body that makes an API key. */
export const wanted = { name: 'Till', permissions: ['product.read', 'product.create'] }
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

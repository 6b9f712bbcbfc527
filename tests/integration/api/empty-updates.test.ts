import { newProduct } from '../../support/caller.ts'
import { describe, expect, test } from '../../support/fixtures.ts'

const MADE = {
  products: newProduct,
  roles: { name: 'Sellers', permissions: ['product.read'] },
  groups: { name: 'Sellers', permissions: ['product.read'] },
  users: { username: 'seller', email: 'seller@example.com', password: 'a long enough secret' },
}

describe('an update with nothing to change', () => {
  test.for(Object.entries(MADE))('leaves one of %s as it is, its time too', async ([name, body], { as, adminUser }) => {
    const admin = as(adminUser)
    const path = `/${name}/${(await admin.post(`/${name}`, body)).json().id}`
    const before = (await admin.get(path)).json()
    const reply = await admin.put(path, {})
    expect(reply.statusCode).toBe(200)
    expect((await admin.get(path)).json()).toEqual(before)
    expect(before.updated_at).toEqual(expect.any(String))
  })

  test('leaves a company as it is', async ({ as, superuser, testCompany }) => {
    const path = `/companies/${testCompany.id}`
    const before = (await as(superuser).get(path)).json()
    expect((await as(superuser).put(path, {})).json()).toEqual(before)
  })

  test.for(['roles', 'groups'] as const)('is none of %s with other permissions', async (name, { as, adminUser }) => {
    const admin = as(adminUser)
    const made = (await admin.post(`/${name}`, MADE[name])).json()
    const changed = (await admin.put(`/${name}/${made.id}`, { permissions: ['product.update'] })).json()
    expect(changed.permissions).toEqual(['product.update'])
    expect(changed.updated_at > made.updated_at).toBe(true)
  })
})

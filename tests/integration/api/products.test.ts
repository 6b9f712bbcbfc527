import { eq } from 'drizzle-orm'
import { products } from '../../../app/models/index.ts'
import { ProductService } from '../../../app/services/product.ts'
import { newProduct } from '../../support/caller.ts'
import { describe, expect, test } from '../../support/fixtures.ts'

describe('a product', () => {
  test('is created with its stamps, says where it is, and is there', async ({ as, testUser, testCompany }) => {
    const reply = await as(testUser).post('/products', { ...newProduct, metadata: { size: ['L', 2] } })
    expect(reply.statusCode).toBe(201)
    const product = reply.json()
    const moment = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(product).toEqual({
      id: expect.any(Number),
      company_id: testCompany.id,
      name: 'Anvil',
      sku: 'A-1',
      price: '99.99',
      description: null,
      is_active: true,
      metadata: { size: ['L', 2] },
      url: null,
      url_label: null,
      version: 1,
      created_by: testUser.id,
      updated_by: testUser.id,
      created_at: moment,
      updated_at: moment,
    })
    expect(reply.headers['location']).toBe(`/api/v1/products/${product.id}`)
    expect((await as(testUser).get(`/products/${product.id}`)).json()).toEqual(product)
  })

  test('is where its maker is told it is, in another company too', async ({ as, superuser, otherCompany }) => {
    const reply = await as(superuser).post('/products', { ...newProduct, company_id: otherCompany.id })
    const location = String(reply.headers['location'])
    expect(location).toBe(`/api/v1/products/${reply.json().id}?company_id=${otherCompany.id}`)
    expect((await as(superuser).get(location.replace('/api/v1', ''))).json()).toEqual(reply.json())
  })

  test('has a price with zeros after its digits, as other programs write it', async ({ as, testUser }) => {
    const reply = await as(testUser).post('/products', { ...newProduct, price: '5.5000' })
    expect(reply.json()).toMatchObject({ price: '5.50' })
    expect((await as(testUser).post('/products', { ...newProduct, sku: 'B', price: '5.5001' })).statusCode).toBe(422)
  })

  test('answers with and without the trailing slash', async ({ as, testUser }) => {
    const reply = await as(testUser).post('/products/', newProduct)
    expect(reply.headers['location']).toBe(`/api/v1/products/${reply.json().id}`)
    for (const path of ['/products', '/products/', `/products/${reply.json().id}/`])
      expect((await as(testUser).get(path)).statusCode).toBe(200)
  })

  test.for(['put', 'patch'] as const)(
    'is changed by %s in what is given alone',
    async (method, { as, adminUser, testUser }) => {
      const before = (await as(testUser).post('/products', { ...newProduct, description: 'heavy' })).json()
      const reply = await as(adminUser)[method](`/products/${before.id}`, { price: 5, description: null })
      expect(reply.statusCode).toBe(200)
      const changed = { price: '5.00', description: null, version: 2, updated_by: adminUser.id }
      expect(reply.json()).toEqual({ ...before, ...changed, updated_at: expect.any(String) })
      expect(Date.parse(reply.json().updated_at)).toBeGreaterThanOrEqual(Date.parse(before.updated_at))
    },
  )

  test('is gone once deleted, for every route', async ({ as, testUser }) => {
    const user = as(testUser)
    const { id } = (await user.post('/products', newProduct)).json()
    const reply = await user.delete(`/products/${id}`)
    expect([reply.statusCode, reply.body]).toEqual([204, ''])
    expect((await user.get('/products')).json()).toMatchObject({ total: 0, items: [] })
    for (const again of [
      user.get(`/products/${id}`),
      user.put(`/products/${id}`, { price: 1 }),
      user.delete(`/products/${id}`),
    ])
      expect((await again).json()).toMatchObject({ code: 'not_found', detail: 'Product not found' })
  })

  test('of another company is not there', async ({ as, testUser, outsider }) => {
    const { id } = (await as(outsider).post('/products', newProduct)).json()
    const user = as(testUser)
    for (const path of [`/products/${id}`, '/products/999999'])
      for (const attempt of [user.get(path), user.patch(path, { price: 1 }), user.delete(path)])
        expect((await attempt).json()).toMatchObject({ code: 'not_found', detail: 'Product not found' })
    expect((await as(outsider).get(`/products/${id}`)).json()).toMatchObject({ version: 1, price: '99.99' })
  })

  test.for(['abc', '0', '-1', '1.5', '99999999999999999999', '%00'])('has no id "%s"', async (id, { as, testUser }) => {
    const reply = await as(testUser).get(`/products/${id}`)
    expect(reply.statusCode).toBe(422)
    expect(reply.json().detail[0].loc).toEqual(['path', 'id'])
  })
})

describe('a version', () => {
  // in the body, in If-Match
  const MATCHING = [
    [1, ''],
    [1, '"2"'],
    [undefined, '"1"'],
    [undefined, 'W/"1"'],
    [undefined, '1'],
    [undefined, '*'],
    [undefined, ''],
  ] as const
  const STALE = [
    [2, ''],
    [2, '"1"'],
    [undefined, '"2"'],
    [undefined, '"abc"'],
    [undefined, '"99999999999"'],
  ] as const

  test.for(MATCHING)(
    'that matches lets the update through: %s in the body, If-Match %s',
    async ([version, condition], { as, testUser }) => {
      const { id } = (await as(testUser).post('/products', newProduct)).json()
      const reply = await as(testUser).put(`/products/${id}`, { price: 1, version }, { 'if-match': condition })
      expect(reply.json()).toMatchObject({ version: 2, price: '1.00' })
    },
  )

  test.for(STALE)(
    'that does not is told with 409, and nothing changes: %s in the body, If-Match %s',
    async ([version, condition], { as, testUser }) => {
      const { id } = (await as(testUser).post('/products', newProduct)).json()
      const reply = await as(testUser).put(`/products/${id}`, { price: 1, version }, { 'if-match': condition })
      expect([reply.statusCode, reply.json().code]).toEqual([409, 'stale_version'])
      expect((await as(testUser).get(`/products/${id}`)).json()).toMatchObject({ version: 1, price: '99.99' })
    },
  )

  test('that If-Match names is asked of a record to delete, too', async ({ as, testUser }) => {
    const user = as(testUser)
    const path = `/products/${(await user.post('/products', newProduct)).json().id}`
    for (const condition of ['"2"', '"abc"'])
      expect((await user.delete(path, undefined, { 'if-match': condition })).json()).toMatchObject({
        code: 'stale_version',
      })
    expect((await user.get(path)).json()).toMatchObject({ version: 1 })
    expect((await user.delete(path, undefined, { 'if-match': '"1"' })).statusCode).toBe(204)
    expect((await user.delete(path, undefined, { 'if-match': '"2"' })).statusCode).toBe(404)
  })

  test('stays where an update has nothing to change', async ({ as, testUser, viewerUser }) => {
    const product = (await as(testUser).post('/products', newProduct)).json()
    const path = `/products/${product.id}`
    for (const body of [{}, { version: 1 }]) expect((await as(testUser).put(path, body)).json()).toEqual(product)
    expect((await as(testUser).put(path, { version: 2 })).json().code).toBe('stale_version')
    expect((await as(viewerUser).put(path, {})).statusCode).toBe(403)
    await as(testUser).delete(path)
    for (const body of [{}, { version: 2 }]) expect((await as(testUser).put(path, body)).statusCode).toBe(404)
  })

  test('seen by two writers at once lets one win', async ({ as, testUser, adminUser }) => {
    const { id } = (await as(testUser).post('/products', newProduct)).json()
    const writers = [testUser, adminUser].map((user, n) =>
      as(user).put(`/products/${id}`, { name: `writer ${n}`, version: 1 }),
    )
    const replies = await Promise.all(writers)
    expect(replies.map((reply) => reply.statusCode).toSorted((a, b) => a - b)).toEqual([200, 409])
    const winner = replies.find((reply) => reply.statusCode === 200)!.json()
    expect((await as(testUser).get(`/products/${id}`)).json()).toEqual(winner)
    expect(winner.version).toBe(2)
  })
})

describe('a SKU', () => {
  test('is unique within a company and unseen by others', async ({ as, testUser, outsider }) => {
    await as(testUser).post('/products', newProduct)
    const again = await as(testUser).post('/products', { ...newProduct, name: 'another' })
    expect(again.statusCode).toBe(400)
    expect(again.json()).toMatchObject({ code: 'duplicate', detail: 'Product with this SKU already exists' })
    expect((await as(outsider).post('/products', newProduct)).statusCode).toBe(201)
  })

  test('cannot be taken by an update either', async ({ as, testUser }) => {
    await as(testUser).post('/products', newProduct)
    const { id } = (await as(testUser).post('/products', { ...newProduct, sku: 'B-1' })).json()
    const reply = await as(testUser).patch(`/products/${id}`, { sku: 'A-1' })
    expect([reply.statusCode, reply.json().code]).toEqual([400, 'duplicate'])
    expect((await as(testUser).patch(`/products/${id}`, { sku: 'B-1' })).statusCode).toBe(200)
  })

  test('made by two at once makes one product', async ({ as, testUser, adminUser }) => {
    const replies = await Promise.all([testUser, adminUser].map((user) => as(user).post('/products', newProduct)))
    expect(replies.map((reply) => reply.statusCode).toSorted((a, b) => a - b)).toEqual([201, 400])
    expect((await as(testUser).get('/products')).json().total).toBe(1)
  })

  test('is free again when its product is deleted; to restore that one is then a duplicate', async ({
    as,
    workAs,
    testUser,
  }) => {
    const user = as(testUser)
    const { id } = (await user.post('/products', newProduct)).json()
    await user.delete(`/products/${id}`)
    const second = (await user.post('/products', newProduct)).json()
    const restore = () => workAs(testUser, (ctx) => new ProductService(ctx).restore(id))
    await expect(restore()).rejects.toMatchObject({ code: 'duplicate' })
    await user.delete(`/products/${second.id}`)
    expect(await restore()).toMatchObject({ id, is_deleted: false, deleted_at: null, version: 3 })
    expect((await user.get(`/products/${id}`)).statusCode).toBe(200)
  })
})

describe('deleted products', () => {
  test('are listed for who may restore them, and nothing else is', async ({
    as,
    adminUser,
    viewerUser,
    superuser,
    outsider,
  }) => {
    const admin = as(adminUser)
    for (const sku of ['A', 'B', 'C']) {
      const { id } = (await admin.post('/products', { ...newProduct, sku })).json()
      if (sku !== 'B') await admin.delete(`/products/${id}`)
    }
    const skus = async (query: string, caller = admin) => {
      const reply = await caller.get(`/products?sort=sku${query}`)
      expect(reply.statusCode, reply.body).toBe(200)
      const { items, total } = reply.json<{ items: { sku: string }[]; total: number }>()
      expect(total).toBe(items.length)
      return items.map(({ sku }) => sku)
    }
    expect(await skus('')).toEqual(['B'])
    expect(await skus('&deleted=false')).toEqual(['B'])
    expect(await skus('&deleted=true')).toEqual(['A', 'C'])
    expect(await skus('&deleted=true&sku=C')).toEqual(['C'])
    expect(await skus('&deleted=true&company_id=all', as(superuser))).toEqual(['A', 'C'])
    expect(await skus('&deleted=true', as(outsider))).toEqual([])
    const refused = await as(viewerUser).get('/products?deleted=true')
    expect(refused.json()).toMatchObject({ code: 'permission_denied', detail: 'Missing permission: product.delete' })
    expect(await skus('&deleted=false', as(viewerUser))).toEqual(['B'])
    expect((await admin.get('/products?deleted=2')).json().detail).toMatchObject([{ loc: ['query', 'deleted'] }])
  })

  test('have cursors of their own', async ({ as, adminUser }) => {
    const admin = as(adminUser)
    for (const sku of ['A', 'B', 'C', 'D']) {
      const { id } = (await admin.post('/products', { ...newProduct, sku })).json()
      if (sku < 'C') await admin.delete(`/products/${id}`)
    }
    const page = async (query: string) => admin.get(`/products?sort=sku&page_size=1${query}`)
    const [gone, there] = [(await page('&deleted=true')).json(), (await page('')).json()]
    expect((await page(`&deleted=true&cursor=${gone.next_cursor}`)).json()).toMatchObject({
      items: [{ sku: 'B' }],
      next_cursor: null,
    })
    for (const other of [`&cursor=${gone.next_cursor}`, `&deleted=true&cursor=${there.next_cursor}`]) {
      const reply = await page(other)
      expect([reply.statusCode, reply.json().detail?.[0].type]).toEqual([422, 'invalid_cursor'])
    }
  })

  test('come back by who may delete, once, where nothing has taken their place', async ({
    as,
    adminUser,
    viewerUser,
    outsider,
  }) => {
    const admin = as(adminUser)
    const { id } = (await admin.post('/products', newProduct)).json()
    const restore = (caller = admin) => caller.post(`/products/${id}/restore`)
    expect((await restore()).json()).toMatchObject({ code: 'not_found', detail: 'Product not found' })
    await admin.delete(`/products/${id}`)
    expect((await restore(as(viewerUser))).json().detail).toBe('Missing permission: product.delete')
    expect((await restore(as(outsider))).statusCode).toBe(404)
    const second = (await admin.post('/products', newProduct)).json()
    expect((await restore()).json()).toMatchObject({ code: 'duplicate' })
    await admin.delete(`/products/${second.id}`)
    const restored = await restore()
    expect([restored.statusCode, restored.json()]).toMatchObject([200, { id, sku: newProduct.sku, version: 3 }])
    expect((await admin.get('/products')).json()).toMatchObject({ total: 1, items: [{ id }] })
    expect((await restore()).statusCode).toBe(404)
  })
})

test('metadata has at most 10,000 characters as JSON', async ({ as, testUser }) => {
  const metadata = (length: number) => ({ a: 'x'.repeat(length - 8) })
  const made = await as(testUser).post('/products', { ...newProduct, metadata: metadata(10_000) })
  expect(made.statusCode).toBe(201)
  const detail = [{ loc: ['body', 'metadata'], msg: 'must have at most 10000 characters as JSON' }]
  const longer = { metadata: metadata(10_001) }
  expect((await as(testUser).post('/products', { ...newProduct, sku: 'B', ...longer })).json()).toMatchObject({
    detail,
  })
  expect((await as(testUser).patch(`/products/${made.json().id}`, longer)).json()).toMatchObject({ detail })
})

test('a deleted row stays in the database, stamped', async ({ as, workAs, testUser, adminUser }) => {
  const { id } = (await as(testUser).post('/products', newProduct)).json()
  await as(adminUser).delete(`/products/${id}`)
  const [row] = await workAs(testUser, ({ db }) => db.select().from(products).where(eq(products.id, id)))
  expect(row).toMatchObject({ is_deleted: true, deleted_at: expect.any(String), updated_by: adminUser.id, version: 2 })
})

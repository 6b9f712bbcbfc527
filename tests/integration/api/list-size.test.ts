import { newProduct } from '../../support/caller.ts'
import { describe, expect, test } from '../../support/fixtures.ts'

const PAGE = 200
const MOST = 12_000_000
const long = (length: number) => 'x'.repeat(length)
const metadata = { a: long(9992) }

/** The largest of each that a request can make, and the list that shows it. */
const LARGEST = {
  '/products': { ...newProduct, name: long(255), description: long(5000), metadata, url: `https://${long(1990)}` },
  '/messages': { model_name: 'products', body: long(28_000), body_html: long(11_000), metadata },
  '/notifications': { title: long(255), description: long(5000), data: { a: long(3992) }, link: `/${long(1999)}` },
  '/companies': { name: long(255), code: 'LONG', description: long(10_000) },
  '/users': { username: 'long', email: 'long@example.com', password: 'a long enough password', bio: long(10_000) },
}

describe('a page of the longest rows', () => {
  test.for(Object.entries(LARGEST))(
    'of %s is bounded in bytes',
    async ([path, body], { as, superuser, testCompany }) => {
      const company_id = testCompany.id
      const caller = as({ ...superuser, company_id })
      const product = (await caller.post('/products', { ...newProduct, sku: 'other' })).json()
      const more = {
        '/messages': { record_id: product.id },
        '/notifications': { user_ids: [superuser.id] },
      }[path]
      const made = await caller.post(path, { ...body, ...more })
      expect([200, 201], made.body).toContain(made.statusCode)
      const query = path === '/messages' ? `?model_name=products&record_id=${product.id}` : '?company_id=all'
      const { items } = (await caller.get(`${path}${query}`)).json<{ items: object[] }>()
      const longest = Math.max(...items.map((item) => Buffer.byteLength(JSON.stringify(item))))
      expect(longest).toBeGreaterThan(5000)
      expect(longest * PAGE).toBeLessThan(MOST)
    },
  )

  test('of the activity log is bounded in bytes', async ({ as, superuser, testCompany }) => {
    const caller = as({ ...superuser, company_id: testCompany.id })
    const { id } = (await caller.post('/products', { ...LARGEST['/products'], sku: 'one' })).json()
    await caller.patch(`/products/${id}`, { metadata: { b: long(9992) }, description: 'y'.repeat(5000) })
    const { items } = (await caller.get('/activity-logs?entity_type=products&action=update')).json()
    expect(items[0].old_values.metadata).toEqual(metadata)
    expect(Buffer.byteLength(JSON.stringify(items[0])) * PAGE).toBeLessThan(MOST)
  })
})

import { inArray } from 'drizzle-orm'
import fc from 'fast-check'
import { products } from '../../../app/models/index.ts'
import { ActivityLog } from '../../../app/services/activity/activity-log.ts'
import type { Caller } from '../../support/caller.ts'
import { describe, expect, test } from '../../support/fixtures.ts'
import { addPerson } from '../../support/people.ts'
import { onlyProducts } from '../../support/rows.ts'

interface Page {
  total: number
  items: { id: number; sku: string }[]
  page: number
  next_cursor: string | null
}

/** Every page, by cursor or by number. */
async function walk(caller: Caller, query: string, how: 'cursor' | 'page'): Promise<Page[]> {
  const pages: Page[] = []
  for (let next = ''; ;) {
    const reply = await caller.get(`/products?${query}${next}`)
    expect(reply.statusCode, reply.body).toBe(200)
    const page = reply.json<Page>()
    pages.push(page)
    if (!page.next_cursor) return pages
    next = how === 'cursor' ? `&cursor=${page.next_cursor}` : `&page=${page.page + 1}`
  }
}

const FIELDS = ['id', 'name', 'price', 'description', 'is_active', 'url_label', 'version', 'created_at', 'created_by']
const row = fc.record({
  name: fc.constantFrom('a', 'B', 'ä', '%', "o'clock"),
  price: fc.constantFrom('0.00', '1.00', '10.00', '9.99'),
  description: fc.option(fc.constantFrom('', 'x', 'long '.repeat(50), `long ${'日本'.repeat(500)}`)),
  url_label: fc.option(fc.constantFrom('u', 'v')),
  is_active: fc.boolean(),
  created_at: fc.constantFrom('2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.001Z'),
})
const sortKey = fc.tuple(fc.constantFrom('', '-'), fc.constantFrom(...FIELDS)).map((parts) => parts.join(''))
const sorts = fc
  .uniqueArray(sortKey, { maxLength: 4, selector: (key) => key.replace('-', '') })
  .map((keys) => keys.join(','))

describe('a cursor', () => {
  test('walks the same rows as page numbers do, whatever the order, ties and nulls', async ({
    as,
    workAs,
    testUser,
  }) => {
    const user = as(testUser)
    const property = fc.asyncProperty(
      fc.array(row, { maxLength: 9 }),
      sorts,
      fc.integer({ min: 1, max: 4 }),
      async (rows, order, size) => {
        await onlyProducts(
          workAs,
          testUser,
          rows.map((values, n) => ({ ...values, sku: `P-${n}` })),
        )
        const query = `sort=${order}&page_size=${size}`
        const byCursor = await walk(user, query, 'cursor')
        const byPage = await walk(user, query, 'page')
        expect(byCursor.map(({ items, page, total }) => [page, total, items])).toEqual(
          byPage.map(({ items, page, total }) => [page, total, items]),
        )
        expect(new Set(byCursor.flatMap(({ items }) => items.map(({ id }) => id))).size).toBe(rows.length)
      },
    )
    await fc.assert(property, { numRuns: 60 })
  })

  test('sorts by a field once, however often it is named: each time would make the statement longer', async ({
    as,
    workAs,
    testUser,
  }) => {
    await onlyProducts(workAs, testUser, [{ sku: 'A' }, { sku: 'B' }, { sku: 'C' }])
    const list = async (sort: string) => (await as(testUser).get(`/products?sort=${sort}&page_size=1`)).json<Page>()
    expect(await list('-sku,sku,id,-sku,-id')).toEqual(await list('-sku,id'))
  })

  test('keeps its place while rows come and go before it', async ({ as, workAs, testUser }) => {
    await onlyProducts(
      workAs,
      testUser,
      ['B', 'C', 'D', 'E'].map((sku) => ({ sku })),
    )
    const user = as(testUser)
    const first = (await user.get('/products?sort=sku&page_size=2')).json<Page>()
    await user.delete(`/products/${first.items[0]?.id}`)
    await user.post('/products', { sku: 'A', name: 'A', price: 1 })
    const second = await user.get(`/products?sort=sku&page_size=2&cursor=${first.next_cursor}`)
    expect(second.json()).toMatchObject({ items: [{ sku: 'D' }, { sku: 'E' }], page: 2, total: 4, next_cursor: null })
  })

  test('goes with a filter', async ({ as, workAs, testUser }) => {
    await onlyProducts(
      workAs,
      testUser,
      ['A', 'B', 'C', 'D'].map((sku, n) => ({ sku, is_active: n % 2 === 0 })),
    )
    const pages = await walk(as(testUser), 'is_active=true&page_size=1&sort=-sku', 'cursor')
    expect(pages.flatMap(({ items }) => items.map(({ sku }) => sku))).toEqual(['C', 'A'])
  })

  test('of another order is refused', async ({ as, workAs, testUser }) => {
    await onlyProducts(workAs, testUser, [{ sku: 'A' }, { sku: 'B' }])
    const { next_cursor } = (await as(testUser).get('/products?sort=name&page_size=1')).json<Page>()
    for (const sort of ['-name', 'name,-id', 'price', '']) {
      const reply = await as(testUser).get(`/products?sort=${sort}&cursor=${next_cursor}`)
      expect(reply.statusCode).toBe(422)
      expect(reply.json().detail).toMatchObject([{ loc: ['query', 'cursor'], type: 'invalid_cursor' }])
    }
  })

  test('from another company shows one’s own rows alone', async ({ as, workAs, testUser, outsider }) => {
    await onlyProducts(
      workAs,
      outsider,
      ['X', 'Y', 'Z'].map((sku) => ({ sku, description: `secret ${'long '.repeat(50)}` })),
    )
    await onlyProducts(workAs, testUser, [{ sku: 'A' }, { sku: 'Z' }])
    for (const sort of ['sku', '-sku', 'description,-sku', '-description']) {
      const { next_cursor } = (await as(outsider).get(`/products?sort=${sort}&page_size=1`)).json<Page>()
      const reply = await as(testUser).get(`/products?sort=${sort}&cursor=${next_cursor}`)
      expect(reply.statusCode).toBe(200)
      expect(reply.body).not.toContain('secret')
      for (const { sku } of reply.json<Page>().items) expect(['A', 'Z']).toContain(sku)
    }
  })

  test('goes on where it was when the row of a long text is deleted, or no longer fits the filter', async ({
    as,
    workAs,
    testUser,
  }) => {
    const user = as(testUser)
    for (const sort of ['description', '-description'])
      for (const query of ['', '&is_active=true']) {
        const texts = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(150))
        await onlyProducts(
          workAs,
          testUser,
          texts.map((description) => ({ sku: description.slice(0, 1), description })),
        )
        const first = (await user.get(`/products?sort=${sort}&page_size=2${query}`)).json<Page>()
        const [, last] = first.items
        if (query) await user.patch(`/products/${last?.id}`, { is_active: false })
        else await user.delete(`/products/${last?.id}`)
        const second = await user.get(`/products?sort=${sort}${query}&cursor=${first.next_cursor}`)
        const skus = second.json<Page>().items.map(({ sku }) => sku)
        expect(skus).toEqual(sort === 'description' ? ['c', 'd'] : ['b', 'a'])
      }
  })

  test('made by hand compares with no row that its list does not show', async ({
    as,
    workAs,
    trusted,
    testUser,
    adminUser,
    superuser,
    viewerUser,
    testCompany,
  }) => {
    const gone = await addPerson(trusted, 'gone', testCompany, { full_name: 'M', is_deleted: true })
    await onlyProducts(workAs, testUser, [
      { sku: 'A' },
      { sku: 'M', is_deleted: true },
      { sku: 'N', is_active: false },
      { sku: 'Z' },
    ])
    const hidden = await workAs(testUser, ({ db }) =>
      db
        .select()
        .from(products)
        .where(inArray(products.sku, ['M', 'N'])),
    )
    const theirs = await workAs(adminUser, (ctx) =>
      ActivityLog.create(ctx, { action: 'M', entity_type: 'M', request_id: 'M' }),
    )
    for (const action of ['A', 'Z'])
      await workAs(viewerUser, (ctx) => ActivityLog.create(ctx, { action, entity_type: action, request_id: action }))
    await as(viewerUser).patch('/users/me', { full_name: 'Z' })
    const mine = `/activity-logs/user/${viewerUser.id}?`
    const cases: [string, string, number][] = [
      ['/users?', 'full_name', gone.id],
      ['/users?', '-full_name', gone.id],
      ...hidden.map(({ id }): [string, string, number] => ['/products?is_active=true&', 'sku', id]),
      [mine, 'action', theirs.id],
      [mine, 'entity_type', theirs.id],
      [mine, '-request_id', theirs.id],
    ]
    for (const [path, sort, of] of cases) {
      const after = async (id: number) => {
        const s = `${sort},${sort.startsWith('-') ? '-id' : 'id'}`
        const cursor = Buffer.from(JSON.stringify({ s, v: [{ of: id, start: '' }, 1], p: 2 })).toString('base64url')
        const reply = await as(viewerUser).get(`${path}sort=${sort}&cursor=${cursor}`)
        expect(reply.statusCode, reply.body).toBe(200)
        return reply.json()
      }
      expect(await after(of), `${path}${sort}`).toEqual(await after(of + 1_000_000))
    }
    // Who may see the row goes on after it.
    const cursor = Buffer.from(JSON.stringify({ s: 'action,id', v: [{ of: theirs.id, start: '' }, 1], p: 2 }))
    const after = `cursor=${cursor.toString('base64url')}&with_total=false`
    const seen = await as(superuser).get(`/activity-logs?sort=action&action__in=A,M,Z&${after}`)
    expect(seen.json().items).toMatchObject([{ action: 'M' }, { action: 'Z' }])
  })

  test('that was tampered with is refused, or shows one’s own rows alone', async ({
    as,
    workAs,
    testUser,
    outsider,
  }) => {
    await onlyProducts(workAs, outsider, [{ sku: 'secret', description: 'secret' }])
    await onlyProducts(workAs, testUser, [{ sku: 'A' }, { sku: 'B' }])
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(
        '\0',
        1e300,
        2 ** 40,
        '0000-01-01T00:00:00Z',
        -1,
        '2026-01-01T00:00:00+23:00',
        { of: 1, start: '' },
        { of: 'x', start: '' },
        { of: 1 },
        '1; select',
        true,
        null,
      ),
    )
    const orders = [
      'id',
      '-id',
      'name,id',
      'price,id',
      'is_active,id',
      '-created_at,-id',
      'description,id',
      'version,id',
    ]
    const payload = fc.record({
      s: fc.constantFrom(...orders),
      v: fc.array(value, { minLength: 1, maxLength: 3 }),
      p: fc.oneof(fc.integer(), value),
    })
    const text = fc.oneof(
      fc.base64String(),
      fc.string(),
      fc.jsonValue().map((json) => JSON.stringify(json)),
      payload.map((json) => JSON.stringify(json)),
    )
    const property = fc.asyncProperty(text, fc.constantFrom(...orders), async (cursor, order) => {
      const sort = /"s":"([^"]*)"/.exec(cursor)?.[1] ?? order
      const encoded = Buffer.from(cursor).toString('base64url')
      const reply = await as(testUser).get(`/products?sort=${encodeURIComponent(sort)}&cursor=${encoded}`)
      expect([200, 422], reply.body).toContain(reply.statusCode)
      expect(reply.body).not.toContain('secret')
    })
    await fc.assert(property, { numRuns: 300 })
  })

  test('is refused with a time that there is not, and goes on from a number that no row can have', async ({
    as,
    testUser,
  }) => {
    const ask = (sort: string, v: unknown[]) => {
      const cursor = Buffer.from(JSON.stringify({ s: `${sort},id`, v, p: 2 })).toString('base64url')
      return as(testUser).get(`/products?sort=${sort}&cursor=${cursor}`)
    }
    expect((await ask('created_at', ['0000-01-01T00:00:00Z', 1])).json()).toMatchObject({ code: 'validation_error' })
    expect((await ask('created_at', ['0001-01-01T00:00:00Z', 1])).statusCode).toBe(200)
    expect((await ask('version', [2 ** 40, 1])).json()).toMatchObject({ items: [] })
  })

  test.for(['', 'x', '%00', 'null', 'W10', 'eyJzIjoiaWQifQ'])('"%s" is none', async (cursor, { as, testUser }) => {
    const reply = await as(testUser).get(`/products?cursor=${cursor}`)
    expect(reply.json()).toMatchObject({ code: 'validation_error', detail: [{ loc: ['query', 'cursor'] }] })
  })
})

import { sql } from 'drizzle-orm'
import { idempotencyKeys } from '../../../app/models/idempotency-key.ts'
import { userCompanyRoles } from '../../../app/models/index.ts'
import { JOBS } from '../../../app/services/jobs/registry.ts'
import { nextTime } from '../../../app/services/jobs/worker.ts'
import { newProduct } from '../../support/caller.ts'
import { describe, expect, test } from '../../support/fixtures.ts'
import { jobParts } from '../../support/jobs.ts'

const KEY = { 'idempotency-key': 'order 4711' }

describe('an Idempotency-Key', () => {
  test('makes a repeated request get the first reply, and one row', async ({ as, testUser }) => {
    const user = as(testUser)
    const first = await user.post('/products', newProduct, KEY)
    await user.patch(`/products/${first.json().id}`, { name: 'changed meanwhile' })
    const second = await user.post('/products', newProduct, KEY)
    expect(first.headers['idempotency-replayed']).toBeUndefined()
    expect(second.headers['idempotency-replayed']).toBe('true')
    for (const part of ['location', 'content-type']) expect(second.headers[part]).toBe(first.headers[part])
    expect([second.statusCode, second.body]).toEqual([201, first.body])
    expect((await user.get('/products')).json().total).toBe(1)
  })

  test('takes two spellings of one body for one', async ({ as, testUser }) => {
    const user = as(testUser)
    const first = await user.post('/products', '{"name":"A","sku":"A","price":99.99}', KEY)
    const second = await user.post('/products', '{ "price": "99.99", "sku": "A", "name": "A" }', KEY)
    expect(second.body).toBe(first.body)
  })

  test('takes an address with a slash at its end for the one without', async ({ as, testUser }) => {
    const first = await as(testUser).post('/products', newProduct, KEY)
    expect((await as(testUser).post('/products/', newProduct, KEY)).body).toBe(first.body)
  })

  test.for([
    ['another body', '/products', { ...newProduct, name: 'another' }],
    ['another address', '/products?again', newProduct],
  ] as const)('is refused for %s', async ([, path, body], { as, testUser }) => {
    await as(testUser).post('/products', newProduct, KEY)
    const reply = await as(testUser).post(path, body, KEY)
    expect([reply.statusCode, reply.json().code]).toEqual([422, 'idempotency_mismatch'])
    expect((await as(testUser).get('/products')).json().total).toBe(1)
  })

  test('on two requests at once makes one row', async ({ as, testUser }) => {
    const replies = await Promise.all([1, 2, 3].map(() => as(testUser).post('/products', newProduct, KEY)))
    expect(new Set(replies.map((reply) => `${reply.statusCode} ${reply.body}`)).size).toBe(1)
    expect(replies.map((reply) => reply.headers['idempotency-replayed']).filter(Boolean)).toHaveLength(2)
    expect((await as(testUser).get('/products')).json().total).toBe(1)
  })

  test('belongs to one user in one company', async ({ as, trusted, testUser, adminUser, outsider, otherCompany }) => {
    const there = { ...KEY, 'x-company-id': String(otherCompany.id) }
    await trusted(({ db }) =>
      db.insert(userCompanyRoles).values({
        user_id: testUser.id,
        company_id: otherCompany.id,
        role_id: sql`(select id from roles where codename = 'admin')`,
      }),
    )
    const replies = [
      await as(testUser).post('/products', newProduct, KEY),
      await as(adminUser).post('/products', { ...newProduct, sku: 'B' }, KEY),
      await as(outsider).post('/products', { ...newProduct, sku: 'C' }, KEY),
      await as(testUser).post('/products', { ...newProduct, sku: 'D' }, there),
    ]
    expect(replies.map((reply) => reply.statusCode)).toEqual([201, 201, 201, 201])
    expect(new Set(replies.map((reply) => reply.json().id)).size).toBe(4)
  })

  test('of a request that failed is free', async ({ as, testUser }) => {
    const user = as(testUser)
    const { id } = (await user.post('/products', newProduct)).json()
    expect((await user.post('/products', newProduct, KEY)).json().code).toBe('duplicate')
    expect((await user.post('/products', { ...newProduct, price: -1 }, KEY)).statusCode).toBe(422)
    await user.delete(`/products/${id}`)
    expect((await user.post('/products', newProduct, KEY)).statusCode).toBe(201)
  })

  test('does not give a reply to who may no longer have it', async ({ as, trusted, testUser }) => {
    await as(testUser).post('/products', newProduct, KEY)
    await trusted(({ db }) => db.delete(userCompanyRoles))
    const again = () => as(testUser).post('/products', newProduct, KEY)
    await expect.poll(async () => (await again()).statusCode, { timeout: 1000, interval: 5 }).toBe(403)
  })

  test('is good for 24 hours', async ({ as, trusted, testUser }) => {
    const user = as(testUser)
    const first = (await user.post('/products', newProduct, KEY)).json()
    const age = (hours: number) =>
      trusted(({ db }) =>
        db.execute(sql`update idempotency_keys set created_at = now() - ${`${hours} hours`}::interval`),
      )
    await age(23)
    expect((await user.post('/products', newProduct, KEY)).json().id).toBe(first.id)
    await age(25)
    const later = { ...newProduct, sku: 'later' }
    const second = await user.post('/products', later, KEY)
    expect(second.statusCode).toBe(201)
    expect(second.json().id).not.toBe(first.id)
    expect((await user.post('/products', later, KEY)).body).toBe(second.body)
  })

  test('is forgotten after 24 hours, with its reply', async ({ as, trusted, testUser, outsider, engine, settings }) => {
    for (const user of [testUser, outsider]) {
      await as(user).post('/products', newProduct, KEY)
      await as(user).post('/products', { ...newProduct, sku: 'old' }, { 'idempotency-key': 'old' })
    }
    await trusted(({ db }) =>
      db.execute(sql`update idempotency_keys set created_at = now() - interval '25 hours' where key = 'old'`),
    )
    const job = JOBS['replies.forget']!
    await using parts = jobParts(engine, settings, 'smtp://127.0.0.1:1')
    await job.handler(parts, { id: 1, data: {} }, new Date())
    const left = await trusted(({ db }) => db.select().from(idempotencyKeys))
    expect(left.map(({ key }) => key)).toEqual([KEY['idempotency-key'], KEY['idempotency-key']])
    expect(nextTime(job, new Date('2026-01-01T10:20:00Z'))?.until).toEqual(new Date('2026-01-01T11:00:00Z'))
  })

  test.for(['', 'x'.repeat(256)])('must have 1 to 255 characters', async (key, { as, testUser }) => {
    const reply = await as(testUser).post('/products', newProduct, { 'idempotency-key': key })
    expect(reply.statusCode).toBe(422)
    expect(reply.json().detail).toMatchObject([{ loc: ['header', 'idempotency-key'] }])
    expect((await as(testUser).post('/products', newProduct, { 'idempotency-key': 'x'.repeat(255) })).statusCode).toBe(
      201,
    )
  })

  test('means nothing to other methods', async ({ as, testUser }) => {
    const { id } = (await as(testUser).post('/products', newProduct)).json()
    for (const version of [1, 2]) {
      const reply = await as(testUser).put(`/products/${id}`, { name: 'x', version }, KEY)
      expect(reply.json().version).toBe(version + 1)
    }
  })
})

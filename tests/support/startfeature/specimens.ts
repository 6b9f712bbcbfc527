import { sql } from 'drizzle-orm'
import { products, roles } from '../../../app/models/index.ts'
import type { Context } from '../../../app/services/context.ts'
import type { Caller } from '../caller.ts'
import { type TestUser, describe, expect, test as base } from '../fixtures.ts'
import { recordOf } from '../record-of.ts'
import { SPECIMEN_VALUES } from './specimen.ts'

// No test of this project, which has no specimens: `startfeature.test.ts` makes them in a copy of it, and runs this there.

const COMPARED = Object.entries(SPECIMEN_VALUES)
const TEXTS = ['label', 'code', 'note', 'mail', 'site', 'tel', 'state']
const INVOICE = { number: 'A-1', total: '1.00', due_on: '2026-01-31', paid: true }

const test = base
  // Three specimens of a user's company; the third has neither note nor tags.
  .extend('specimens', ({ as, workAs }) => async (user: TestUser) => {
    const caller = as(user)
    const role_id = await workAs(user, (ctx) => recordOf(ctx, roles))
    const invoice = await caller.post('/invoices', { ...INVOICE, customer_id: user.company_id })
    const references = { invoice_id: invoice.json().id, owner_id: user.id, role_id }
    const made = []
    for (const n of [0, 1, 2]) {
      const values = Object.fromEntries(COMPARED.map(([field, three]) => [field, three[n]]))
      const reply = await caller.post('/specimens', { ...values, ...references, data: { n }, done: n === 1 })
      expect(reply.statusCode, reply.body).toBe(201)
      expect(reply.json()).toMatchObject(values)
      made.push(reply.json())
    }
    return made
  })

/** Which of the three a list has, by their labels: `02`. */
async function found(caller: Caller, query: Record<string, unknown>): Promise<string> {
  const text = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
  const reply = await caller.get(`/specimens?${text.join('&')}`)
  expect(reply.statusCode, reply.body).toBe(200)
  return namesOf(reply.json().items)
}
const namesOf = (items: { label: string }[]) =>
  items.map(({ label }) => SPECIMEN_VALUES['label']?.indexOf(label)).join('')

/** Every row of a list, one a page, by cursor. */
async function walk(caller: Caller, sort: string): Promise<string> {
  let names = ''
  for (let cursor = ''; ;) {
    const reply = await caller.get(`/specimens?sort=${sort}&page_size=1${cursor}`)
    expect(reply.statusCode, reply.body).toBe(200)
    const { items, next_cursor } = reply.json()
    names += namesOf(items)
    if (!next_cursor) return names
    cursor = `&cursor=${next_cursor}`
  }
}

describe('a list of specimens', () => {
  test.for(COMPARED)('is filtered and sorted by %s', async ([field, [a, b, c]], { as, specimens, testUser }) => {
    await specimens(testUser)
    const caller = as(testUser)
    const filters = { '': b, __lt: b, __lte: b, __gt: b, __gte: b, __in: `${String(a)},${String(c)}`, __isnull: false }
    const answers: Record<string, string> = {}
    for (const [suffix, value] of Object.entries(filters))
      answers[suffix] = await found(caller, { [field + suffix]: value, sort: 'id' })
    expect(answers).toEqual({ '': '1', __lt: '0', __lte: '01', __gt: '2', __gte: '12', __in: '02', __isnull: '012' })
    expect(await walk(caller, field)).toBe('012')
    expect(await walk(caller, `-${field}`)).toBe('210')
    if (TEXTS.includes(field)) expect(await found(caller, { [`${field}__contains`]: b })).toBe('1')
    else expect((await caller.get(`/specimens?${field}__contains=1`)).statusCode).toBe(422)
  })

  test('is filtered and sorted by a boolean, and by references', async ({ as, specimens, testUser }) => {
    const [first] = await specimens(testUser)
    const caller = as(testUser)
    expect(await found(caller, { done: true })).toBe('1')
    expect(await found(caller, { done: false, sort: 'id' })).toBe('02')
    expect(await walk(caller, '-done,label')).toBe('102')
    expect(await found(caller, { invoice_id: first.invoice_id, sort: '-invoice_id,-label' })).toBe('210')
    expect(await found(caller, { product_id__isnull: true, sort: 'product_id,label' })).toBe('012')
    expect(await walk(caller, 'role_id,-label')).toBe('210')
  })

  test('has what is empty at its end', async ({ as, specimens, testUser }) => {
    const [, second] = await specimens(testUser)
    const caller = as(testUser)
    for (const field of ['note', 'day', 'reference', 'tel']) {
      await caller.patch(`/specimens/${second.id}`, { [field]: null })
      expect([await walk(caller, field), await walk(caller, `-${field}`)]).toEqual(['021', '120'])
      expect(await found(caller, { [`${field}__isnull`]: true })).toBe('1')
    }
  })

  test.for([
    'data=1',
    'labels=a',
    'sort=labels',
    'ratio=x',
    'ratio=NaN',
    'ratio=1e999',
    'ratio__in=',
    'day=2026-02-30',
    'day=0000-01-01',
    'day=2026-01-31T00:00:00Z',
    'clock=24:00',
    'clock=x',
    'clock=09:30:00.0001',
    'reference=x',
    'reference__in=x,y',
    'big=9007199254740992',
    'moment=2026-02-30T00:00:00Z',
    'done__lt=true',
  ])('is refused what cannot be compared: %s', async (query, { as, testUser }) => {
    expect((await as(testUser).get(`/specimens?${query}`)).statusCode).toBe(422)
  })

  test('is searched by its first text', async ({ as, specimens, testUser }) => {
    await specimens(testUser)
    expect(await found(as(testUser), { q: 'crat' })).toBe('2')
    expect(await found(as(testUser), { q: 'c@example.com' })).toBe('')
  })
})

describe('a specimen', () => {
  test('has its defaults, word by word', async ({ as, specimens, testUser }) => {
    const [{ invoice_id, owner_id, role_id }] = await specimens(testUser)
    const required = {
      label: 'x',
      code: 'x',
      quantity: 1,
      big: 1,
      price: 1,
      whole: 1,
      ratio: 1,
      data: {},
      mail: 'x@y.zz',
    }
    const reply = await as(testUser).post('/specimens', { ...required, invoice_id, owner_id, role_id })
    expect(reply.json()).toMatchObject({
      done: false,
      clock: '09:30:00',
      site: 'https://example.com/?a=`${b}`&c=\\',
      state: `b it's`,
      motto: `'); drop table products; -- \${1} " \\`,
      labels: null,
      note: null,
    })
    expect(Date.now() - Date.parse(reply.json().moment)).toBeLessThan(60_000)
  })

  test.for([
    ['moment', '2026-01-31T12:00:00.9999+02:30', '2026-01-31T09:30:00.999Z'],
    ['clock', '09:30', '09:30:00'],
    ['reference', '0198B3C4-0000-7000-8000-000000000009', '0198b3c4-0000-7000-8000-000000000009'],
    ['price', 5, '5.00'],
    ['ratio', 5e-324, 5e-324],
    ['labels', [], []],
    ['labels', ['a,b', '{}', '"'], ['a,b', '{}', '"']],
    ['data', { a: [null, { b: '' }] }, { a: [null, { b: '' }] }],
  ] as const)('takes %s as %j, and shows %j', async ([field, given, shown], { as, specimens, testUser }) => {
    const [{ id }] = await specimens(testUser)
    const reply = await as(testUser).patch(`/specimens/${id}`, { [field]: given })
    expect(reply.json()).toMatchObject({ [field]: shown })
  })

  test.for([
    ['moment', '0000-12-31T00:00:00Z'],
    ['moment', '0001-01-01T00:00:00+00:01'],
    ['moment', '9999-12-31T23:59:59-00:01'],
    ['moment', '2026-01-31'],
    ['day', '0000-01-01'],
    ['day', '2027-02-29'],
    ['clock', '23:59:59.9999'],
    ['whole', '1.0'],
    ['whole', '100000'],
    ['price', '10000000000'],
    ['quantity', -2_147_483_649],
    ['data', null],
    ['labels', [1]],
    ['labels', ['']],
    ['state', 'B IT’S'],
    ['tel', '+'],
    ['code', ''],
    ['code', 'ABCD'],
  ] as const)('has no %s %j', async ([field, value], { as, specimens, testUser }) => {
    const [{ id }] = await specimens(testUser)
    expect((await as(testUser).patch(`/specimens/${id}`, { [field]: value })).statusCode).toBe(422)
  })

  test('is held by the database itself to its values, and to its own company', async ({
    workAs,
    specimens,
    testUser,
    outsider,
  }) => {
    await specimens(testUser)
    const theirs = await workAs(outsider, (ctx) => recordOf(ctx, products))
    const own = await workAs(testUser, (ctx) => recordOf(ctx, products))
    const set = (column: string, value: unknown) => (ctx: Context) =>
      ctx.db.execute(sql`update specimens set ${sql.identifier(column)} = ${value}`)
    await workAs(testUser, set('product_id', own))
    await workAs(testUser, set('state', 'a "q"'))
    await expect(workAs(testUser, set('product_id', theirs))).rejects.toMatchObject({
      cause: { code: 'invalid_reference' },
    })
    await expect(workAs(testUser, set('state', 'x'))).rejects.toMatchObject({ cause: { code: 'bad_request' } })
  })

  test('keeps what it refers to from being removed, unless it can do without', async ({
    as,
    trusted,
    specimens,
    testUser,
    adminUser,
  }) => {
    const [{ id, role_id, company_id }] = await specimens(testUser)
    const refused = await as(adminUser).delete(`/roles/${role_id}`)
    expect([refused.statusCode, refused.json().code]).toEqual([400, 'still_referenced'])
    const values = { name: 'reviewer', codename: 'reviewer', company_id }
    const [role] = await trusted(({ db }) => db.insert(roles).values(values).returning())
    const reviewed = await as(testUser).patch(`/specimens/${id}`, { reviewer_role_id: role!.id })
    expect(reviewed.json()).toMatchObject({ reviewer_role_id: role!.id })
    expect((await as(adminUser).delete(`/roles/${role!.id}`)).statusCode).toBe(204)
    expect((await as(testUser).get(`/specimens/${id}`)).json()).toMatchObject({ reviewer_role_id: null, role_id })
  })
})

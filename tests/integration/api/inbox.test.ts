import { eq } from 'drizzle-orm'
import { events, userCompanyRoles } from '../../../app/models/index.ts'
import { addItem, addNotification } from '../../support/inbox.ts'
import { describe, expect, test as base, type TestUser } from '../../support/fixtures.ts'
import { ProductService } from '../../../app/services/product.ts'
import { addMember, addRole } from '../../support/people.ts'
import { withoutSecondWall } from '../../support/walls.ts'

type Item = Awaited<ReturnType<typeof addItem>>
const idsIn = (reply: { json(): { items: { id: number }[] } }) => reply.json().items.map(({ id }) => id)

/** Puts items into somebody's inbox. */
const test = base.extend('give', ({ trusted }) => {
  return (user: TestUser, ...items: Partial<Item>[]): Promise<Item[]> =>
    trusted(async ({ db }) => {
      const added: Item[] = []
      for (const item of items)
        added.push(await addItem(db, { user_id: user.id, company_id: user.company_id!, ...item }))
      return added
    })
})

describe('the inbox list', () => {
  test('has the caller’s own items, the newest first', async ({ as, give, testUser, viewerUser }) => {
    const [first, second] = await give(testUser, { title: 'One' }, { title: 'Two' })
    await give(viewerUser, { title: 'Not yours' })
    const reply = await as(testUser).get('/inbox')
    expect(reply.statusCode).toBe(200)
    expect(idsIn(reply)).toEqual([second!.id, first!.id])
    expect(reply.json().total).toBe(2)
  })

  test('has them of one company at a time, for superusers too', async ({
    as,
    give,
    trusted,
    superuser,
    testUser,
    otherCompany,
  }) => {
    for (const user of [superuser, testUser]) {
      const [here] = await give(user, {})
      const [there] = await give({ ...user, company_id: otherCompany.id }, {})
      await addMember(trusted, user, otherCompany, await addRole(trusted, {}))
      expect(idsIn(await as(user).get('/inbox'))).toEqual([here!.id])
      expect((await as(user).get(`/inbox/${there!.id}`)).statusCode).toBe(404)
      expect(idsIn(await as(user).get('/inbox', undefined, { 'x-company-id': String(otherCompany.id) }))).toEqual([
        there!.id,
      ])
    }
    // All companies at once are still the superuser's own items only.
    await give(testUser, {})
    expect(idsIn(await as(superuser).get('/inbox?company_id=all'))).toHaveLength(2)
  })

  test('leaves archived items out unless asked for', async ({ as, give, testUser }) => {
    const [kept, archived] = await give(testUser, {}, { is_archived: true })
    expect(idsIn(await as(testUser).get('/inbox'))).toEqual([kept!.id])
    expect(idsIn(await as(testUser).get('/inbox?is_archived=true'))).toEqual([archived!.id])
    expect(idsIn(await as(testUser).get('/inbox?is_archived__isnull=false'))).toEqual([archived!.id, kept!.id])
  })

  test.for<[string, Partial<Item>]>([
    ['item_type=mention', { item_type: 'mention' }],
    ['is_read=true', { is_read: true }],
    ['is_starred=true', { is_starred: true }],
    ['priority=urgent', { priority: 'urgent' }],
    ['q=100%25', { title: 'Sold 100% of it' }],
    ['q=snake_case', { preview: 'in snake_case' }],
  ])('filters by %s', async ([query, wanted], { as, give, testUser }) => {
    const [, found] = await give(testUser, { title: 'Sold 1000 of it', preview: 'in snakeXcase' }, wanted)
    expect(idsIn(await as(testUser).get(`/inbox?${query}`))).toEqual([found!.id])
  })

  test('goes on by cursor, and never by the place of an item that is another’s', async ({
    as,
    give,
    testUser,
    viewerUser,
  }) => {
    const long = 'x'.repeat(150)
    await give(testUser, { title: `a${long}` }, { title: `m${long}` }, { title: `z${long}` })
    const { items, next_cursor } = (await as(testUser).get('/inbox?sort=title&page_size=1')).json()
    expect(items[0].title).toBe(`a${long}`)
    const next = (await as(testUser).get(`/inbox?sort=title&page_size=1&cursor=${next_cursor}`)).json()
    expect(next.items[0].title).toBe(`m${long}`)
    const [theirs] = await give(viewerUser, { title: `n${long}` })
    const after = async (id: number) => {
      const cursor = Buffer.from(JSON.stringify({ s: 'title,id', v: [{ of: id, start: 'n' }, 1], p: 2 })).toString(
        'base64url',
      )
      return (await as(testUser).get(`/inbox?sort=title&cursor=${cursor}`)).json()
    }
    expect(await after(theirs!.id)).toEqual(await after(theirs!.id + 1_000_000))
  })
})

describe('an item about a record', () => {
  test('is seen while its owner may read the record', async ({ as, give, workAs, trusted, testUser, stranger }) => {
    const product = await workAs(testUser, (ctx) => new ProductService(ctx).create({ name: 'A', sku: 'A', price: '1' }))
    const about = { model_name: 'products', record_id: product.id, item_type: 'message' as const }
    const company_id = testUser.company_id!
    const [reads, reads_not] = await trusted(async ({ db }) => [
      await addRole(db, { permissions: ['product.read'] }),
      await addRole(db, {}),
    ])
    const member = { ...stranger, company_id }
    const [item] = await give(member, about)
    await addMember(trusted, member, { id: company_id }, reads)
    const seen = async () => {
      const unread = (await as(member).get('/inbox/stats')).json().unread_by_type.message
      const one = (await as(member).get(`/inbox/${item!.id}`)).statusCode
      return [idsIn(await as(member).get('/inbox')).length, one, unread]
    }
    expect(await seen()).toEqual([1, 200, 1])
    await trusted(({ db }) =>
      db.update(userCompanyRoles).set({ role_id: reads_not }).where(eq(userCompanyRoles.user_id, member.id)),
    )
    await expect.poll(seen).toEqual([0, 404, 0])
    for (const call of [
      as(member).patch(`/inbox/${item!.id}`, { is_read: true }),
      as(member).delete(`/inbox/${item!.id}`),
    ])
      expect((await call).json()).toMatchObject({ code: 'not_found', detail: 'Inbox item not found' })
    for (const body of [
      { action: 'delete', ids: [item!.id] },
      { action: 'read', filter: { is_read: false } },
    ])
      expect((await as(member).post('/inbox/bulk', body)).json()).toEqual({ updated_count: 0 })
  })

  test('is not seen once the record is deleted, or was of another company', async ({
    as,
    give,
    workAs,
    testUser,
    outsider,
  }) => {
    const add = (user: TestUser) =>
      workAs(user, (ctx) => new ProductService(ctx).create({ name: 'A', sku: 'A', price: '1' }))
    const [own, others] = [await add(testUser), await add(outsider)]
    const about = (record_id: number) => ({ model_name: 'products', record_id })
    const [mine] = await give(testUser, about(own.id), about(others.id), { model_name: 'no_such', record_id: 1 })
    expect(idsIn(await as(testUser).get('/inbox'))).toEqual([mine!.id])
    await workAs(testUser, (ctx) => new ProductService(ctx).delete(own.id))
    expect(idsIn(await as(testUser).get('/inbox'))).toEqual([])
  })

  test('of another company is not seen even where the database does not guard its rows', async ({
    as,
    give,
    engine,
    workAs,
    testUser,
    outsider,
  }) => {
    const others = await workAs(outsider, (ctx) => new ProductService(ctx).create({ name: 'A', sku: 'A', price: '1' }))
    await give(testUser, { model_name: 'products', record_id: others.id })
    await withoutSecondWall(engine, async () => expect(idsIn(await as(testUser).get('/inbox'))).toEqual([]))
  })

  test('from an internal message needs message.internal', async ({ as, give, testUser, viewerUser }) => {
    const [forUser] = await give(testUser, { is_internal: true })
    await give(viewerUser, { is_internal: true })
    expect(idsIn(await as(testUser).get('/inbox'))).toEqual([forUser!.id])
    expect(idsIn(await as(viewerUser).get('/inbox'))).toEqual([])
    expect((await as(testUser).get('/inbox/stats')).json().unread_count).toBe(1)
    expect((await as(viewerUser).get('/inbox/stats')).json().unread_count).toBe(0)
  })
})

describe('changing items', () => {
  test('reads one and its notification, and tells the owner’s clients', async ({ as, give, trusted, testUser }) => {
    const told = { user_id: testUser.id, company_id: testUser.company_id! }
    const notification = await trusted(({ db }) => addNotification(db, told))
    const [item] = await give(testUser, { notification_id: notification.id })
    const reply = await as(testUser).patch(`/inbox/${item!.id}`, { is_read: true, priority: 'low' })
    expect(reply.json()).toMatchObject({ id: item!.id, is_read: true, priority: 'low', is_starred: false })
    const first = reply.json().read_at
    expect(first).not.toBeNull()
    expect((await as(testUser).get(`/notifications/${notification.id}`)).json().is_read).toBe(true)
    // Reading it again changes nothing of when it was read; unread, it was never read.
    expect((await as(testUser).patch(`/inbox/${item!.id}`, { is_read: true })).json().read_at).toBe(first)
    expect((await as(testUser).patch(`/inbox/${item!.id}`, { is_read: false })).json().read_at).toBeNull()
    expect((await as(testUser).get(`/notifications/${notification.id}`)).json()).toMatchObject({
      is_read: false,
      read_at: null,
    })
    const rows = await trusted(({ db }) =>
      db.select({ type: events.type, user_id: events.user_id, data: events.data }).from(events).orderBy(events.id),
    )
    expect(rows[0]).toEqual({
      type: 'inbox:updated',
      user_id: testUser.id,
      data: { id: item!.id, is_read: true, is_archived: false, is_starred: false, priority: 'low' },
    })
    expect(rows).toHaveLength(3)
  })

  test('answers alike for another’s item and for none', async ({ as, give, testUser, viewerUser }) => {
    const [theirs] = await give(viewerUser, {})
    const ask = async (id: number) => {
      const same = { 'x-request-id': 'same' }
      const caller = as(testUser)
      return [
        (await caller.get(`/inbox/${id}`, undefined, same)).body,
        (await caller.patch(`/inbox/${id}`, { is_read: true }, same)).body,
        (await caller.patch(`/inbox/${id}`, {}, same)).body,
        (await caller.delete(`/inbox/${id}`, undefined, same)).body,
      ]
    }
    expect(await ask(theirs!.id)).toEqual(await ask(theirs!.id + 1_000_000))
    expect((await as(viewerUser).get(`/inbox/${theirs!.id}`)).json()).toMatchObject({ is_read: false })
  })

  test('deletes one', async ({ as, give, testUser }) => {
    const [item] = await give(testUser, {})
    expect((await as(testUser).delete(`/inbox/${item!.id}`)).statusCode).toBe(204)
    expect((await as(testUser).get(`/inbox/${item!.id}`)).statusCode).toBe(404)
  })

  test.for([
    ['read', { is_read: true }],
    ['archive', { is_archived: true }],
    ['star', { is_starred: true }],
  ] as const)(
    '%ss many by ids, once, and nobody else’s',
    async ([action, changed], { as, give, testUser, viewerUser }) => {
      const [one, two] = await give(testUser, {}, {})
      const [theirs] = await give(viewerUser, {})
      const body = { action, ids: [one!.id, two!.id, theirs!.id] }
      expect((await as(testUser).post('/inbox/bulk', body)).json()).toEqual({ updated_count: 2 })
      expect((await as(testUser).post('/inbox/bulk', body)).json()).toEqual({ updated_count: 0 })
      expect((await as(testUser).get(`/inbox/${one!.id}`)).json()).toMatchObject(changed)
      expect((await as(viewerUser).get(`/inbox/${theirs!.id}`)).json()).not.toMatchObject(changed)
      const undo = { ...body, action: { read: 'unread', archive: 'unarchive', star: 'unstar' }[action] }
      expect((await as(testUser).post('/inbox/bulk', undo)).json()).toEqual({ updated_count: 2 })
      expect((await as(testUser).get(`/inbox/${one!.id}`)).json()).not.toMatchObject(changed)
    },
  )

  test('takes those that a filter finds, and no archived one unless it is named', async ({ as, give, testUser }) => {
    const [low] = await give(testUser, { priority: 'low' }, {}, { priority: 'low', is_archived: true })
    const bulk = (body: object) => as(testUser).post('/inbox/bulk', body)
    expect((await bulk({ action: 'delete', filter: { priority: 'low' } })).json()).toEqual({ updated_count: 1 })
    expect((await as(testUser).get(`/inbox/${low!.id}`)).statusCode).toBe(404)
    expect((await bulk({ action: 'delete', filter: { is_archived: true } })).json()).toEqual({ updated_count: 1 })
    expect(idsIn(await as(testUser).get('/inbox'))).toHaveLength(1)
  })

  test.for<[object]>([
    [{ action: 'read' }],
    [{ action: 'read', ids: [] }],
    [{ action: 'read', filter: {} }],
    [{ action: 'read', ids: [1], filter: { is_read: true } }],
    [{ action: 'burn', ids: [1] }],
    [{ action: 'read', filter: { user_id: 1 } }],
  ])('refuses %j', async ([body], { as, testUser }) => {
    expect((await as(testUser).post('/inbox/bulk', body)).statusCode).toBe(422)
  })

  test('is counted: what there is, read, starred and archived', async ({ as, give, testUser, viewerUser }) => {
    const kinds = [{}, { is_read: true }, { is_starred: true }, { is_archived: true, is_read: true }]
    await give(testUser, ...kinds)
    await give(viewerUser, {})
    expect((await as(testUser).get('/inbox/stats')).json()).toMatchObject({
      total_count: 3,
      unread_count: 2,
      read_count: 1,
      starred_count: 1,
      archived_count: 1,
    })
    expect((await as(viewerUser).get('/inbox/stats')).json()).toMatchObject({ total_count: 1, archived_count: 0 })
  })

  test('keeps the count of what is unread, whatever happens', async ({ as, give, testUser, viewerUser }) => {
    const [a, b] = await give(testUser, { item_type: 'mention' }, { item_type: 'message' }, { is_archived: true })
    await give(viewerUser, {})
    const unread = async () => (await as(testUser).get('/inbox/stats')).json()
    expect(await unread()).toMatchObject({
      unread_count: 2,
      unread_by_type: { mention: 1, message: 1, notification: 0, activity: 0 },
    })
    await as(testUser).post('/inbox/bulk', { action: 'unarchive', filter: { is_archived: true } })
    await as(testUser).patch(`/inbox/${a!.id}`, { is_read: true })
    await as(testUser).delete(`/inbox/${b!.id}`)
    expect(await unread()).toMatchObject({
      unread_count: 1,
      unread_by_type: { mention: 0, message: 0, notification: 1, activity: 0 },
    })
  })

  test('is for whoever is logged in', async ({ as, stranger }) => {
    expect((await as().get('/inbox')).json().code).toBe('not_authenticated')
    expect(idsIn(await as(stranger).get('/inbox'))).toEqual([])
  })
})

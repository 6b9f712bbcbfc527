import { eq } from 'drizzle-orm'
import { events, roles, userCompanyRoles, users } from '../../../app/models/index.ts'
import { ProductService } from '../../../app/services/product.ts'
import { notify } from '../../../app/services/notifications/notify.ts'
import { addNotification } from '../../support/inbox.ts'
import { describe, expect, test } from '../../support/fixtures.ts'

const idsIn = (reply: { json(): { items: { id: number }[] } }) => reply.json().items.map(({ id }) => id)
const titlesIn = (reply: { json(): { items: { title: string }[] } }) => reply.json().items.map(({ title }) => title)

describe('sending notifications', () => {
  test('reaches each once, with an inbox item and events', async ({ as, trusted, adminUser, viewerUser, testUser }) => {
    const user_ids = [viewerUser.id, testUser.id, viewerUser.id]
    const reply = await as(adminUser).post('/notifications', {
      user_ids,
      title: 'Stocktaking',
      description: 'At 17:00',
      level: 'warning',
      link: '/products?page=2',
      data: { room: 5 },
    })
    expect([reply.statusCode, reply.json()]).toEqual([201, { sent_count: 2 }])
    expect(reply.headers['location']).toBe('/api/v1/notifications')
    const [told] = (await as(viewerUser).get('/notifications')).json().items
    expect(told).toMatchObject({
      title: 'Stocktaking',
      description: 'At 17:00',
      level: 'warning',
      link: '/products?page=2',
      data: { room: 5 },
      is_read: false,
    })
    const [item] = (await as(viewerUser).get('/inbox')).json().items
    expect(item).toMatchObject({ item_type: 'notification', notification_id: told.id, priority: 'high' })
    expect(item).toMatchObject({ title: 'Stocktaking', preview: 'At 17:00', sender_id: adminUser.id })
    expect(idsIn(await as(adminUser).get('/notifications'))).toEqual([])
    const rows = await trusted(({ db }) =>
      db.select({ type: events.type }).from(events).where(eq(events.user_id, viewerUser.id)).orderBy(events.type),
    )
    expect(rows.map(({ type }) => type)).toEqual(['inbox:new', 'notification:new'])
  })

  test.for([
    ['debug', 'low'],
    ['info', 'normal'],
    ['success', 'normal'],
    ['warning', 'high'],
    ['error', 'urgent'],
  ])('of level %s makes an inbox item of priority %s', async ([level, priority], { as, adminUser, viewerUser }) => {
    await as(adminUser).post('/notifications', { user_ids: [viewerUser.id], title: 'x', level })
    expect((await as(viewerUser).get('/inbox')).json().items).toMatchObject([{ priority }])
  })

  test('is for members of the company alone: all or none, and one answer', async ({
    as,
    trusted,
    adminUser,
    viewerUser,
    testUser,
    outsider,
    stranger,
  }) => {
    await trusted(({ db }) => db.update(users).set({ is_deleted: true }).where(eq(users.id, testUser.id)))
    const send = async (id: number) => {
      const body = { user_ids: [viewerUser.id, id], title: 'Hello' }
      return (await as(adminUser).post('/notifications', body, { 'x-request-id': 'same' })).body
    }
    const answers = [outsider.id, stranger.id, testUser.id, 1].map(send)
    expect(new Set(await Promise.all(answers)).size).toBe(1)
    expect(JSON.parse(await send(outsider.id))).toMatchObject({ code: 'invalid_reference' })
    expect(idsIn(await as(viewerUser).get('/notifications'))).toEqual([])
  })

  test.for(['account', 'membership', 'role'] as const)(
    'tells nobody whose %s is switched off',
    async (what, { as, trusted, adminUser, viewerUser }) => {
      const send = () => as(adminUser).post('/notifications', { user_ids: [viewerUser.id], title: 'Hello' })
      expect((await send()).statusCode).toBe(201)
      const off = { is_active: false }
      await trusted(async ({ db }) => {
        if (what === 'account') await db.update(users).set(off).where(eq(users.id, viewerUser.id))
        else if (what === 'role') await db.update(roles).set(off).where(eq(roles.codename, 'viewer'))
        else await db.update(userCompanyRoles).set(off).where(eq(userCompanyRoles.user_id, viewerUser.id))
      })
      expect((await send()).json()).toMatchObject({ code: 'invalid_reference' })
    },
  )

  test('takes no more data than a client needs: it is kept for each of them', async ({ as, adminUser }) => {
    const send = (data: object) => as(adminUser).post('/notifications', { user_ids: [adminUser.id], title: 'x', data })
    expect((await send({ text: 'x'.repeat(3900) })).statusCode).toBe(201)
    expect((await send({ text: 'x'.repeat(4100) })).statusCode).toBe(422)
  })

  test('needs notification.send', async ({ as, viewerUser, testUser }) => {
    const body = { user_ids: [viewerUser.id], title: 'Hello' }
    expect((await as(viewerUser).post('/notifications', body)).json()).toMatchObject({
      code: 'permission_denied',
      detail: 'Missing permission: notification.send',
    })
    expect((await as(testUser).post('/notifications', body)).statusCode).toBe(201)
  })

  test('happens in a company: a superuser in none chooses one first', async ({ as, superuser, viewerUser }) => {
    const body = { user_ids: [viewerUser.id], title: 'Hello' }
    const inNone = as({ ...superuser, company_id: null })
    expect((await inNone.post('/notifications', body)).json()).toMatchObject({ code: 'no_company' })
    expect((await as(superuser).post('/notifications', body)).statusCode).toBe(201)
  })

  test.for(['/products/1', '/', 'https://example.com/a?b=c#d', 'HTTP://example.com'])(
    'takes the link %s',
    async (link, { as, adminUser }) => {
      const body = { user_ids: [adminUser.id], title: 'Hello', link }
      expect((await as(adminUser).post('/notifications', body)).statusCode).toBe(201)
    },
  )

  test.for([
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    '\\\\evil.example',
    'javascript:alert(1)',
    'java\nscript:alert(1)',
    ' javascript:alert(1)',
    'data:text/html,x',
    'https:evil.example',
    'https:///evil.example',
    'ftp://example.com',
    'products',
    '',
    '/a\u{a0}b',
    '/\u{2028}/evil.example',
    '/\u{85}/evil.example',
  ])('refuses the link %j', async (link, { as, adminUser }) => {
    const body = { user_ids: [adminUser.id], title: 'Hello', link }
    expect((await as(adminUser).post('/notifications', body)).statusCode).toBe(422)
  })

  test('takes a constant number of statements', async ({ workAs, testUser, adminUser, viewerUser }) => {
    const countFor = (told: { id: number }[]) =>
      workAs(testUser, async (ctx) => {
        let statements = 0
        const { unit } = ctx.db
        const query = unit.query.bind(unit)
        unit.query = (...given) => {
          statements++
          return query(...given)
        }
        await notify(
          ctx,
          told.map(({ id }) => ({ user_id: id, title: 'Hello' })),
        )
        return statements
      })
    expect(await countFor([viewerUser])).toBe(await countFor([viewerUser, adminUser, testUser]))
  })
})

describe('one’s notifications', () => {
  test('are one’s own, of this company, the newest first; by is_read', async ({
    as,
    trusted,
    testUser,
    viewerUser,
    otherCompany,
  }) => {
    const [user_id, company_id] = [testUser.id, testUser.company_id!]
    await trusted(async ({ db }) => {
      await addNotification(db, { user_id, company_id, title: 'One', is_read: true })
      await addNotification(db, { user_id, company_id, title: 'Two' })
      await addNotification(db, { user_id: viewerUser.id, company_id, title: 'Theirs' })
      await addNotification(db, { user_id, company_id: otherCompany.id, title: 'Elsewhere' })
    })
    expect(titlesIn(await as(testUser).get('/notifications'))).toEqual(['Two', 'One'])
    expect(titlesIn(await as(testUser).get('/notifications?is_read=false'))).toEqual(['Two'])
    expect((await as(testUser).get('/notifications/stats')).json()).toEqual({ unread_count: 1 })
  })

  test('are read and unread one by one, with their inbox item', async ({ as, workAs, testUser, viewerUser }) => {
    await workAs(testUser, (ctx) => notify(ctx, [{ user_id: viewerUser.id, title: 'Hello' }]))
    const caller = as(viewerUser)
    const [id] = idsIn(await caller.get('/notifications'))
    const unread = async () => (await caller.get('/inbox/stats')).json().unread_count
    expect((await caller.post(`/notifications/${id}/read`)).json()).toMatchObject({ id, is_read: true })
    expect(await unread()).toBe(0)
    expect((await caller.patch(`/notifications/${id}`, { is_read: false })).json()).toMatchObject({ read_at: null })
    expect(await unread()).toBe(1)
    expect((await caller.delete(`/notifications/${id}`)).statusCode).toBe(204)
    expect(await unread()).toBe(0)
    for (const reply of [caller.get(`/notifications/${id}`), caller.post(`/notifications/${id}/read`)])
      expect((await reply).json()).toMatchObject({ code: 'not_found', detail: 'Notification not found' })
  })

  test('of others cannot be touched', async ({ as, trusted, testUser, viewerUser }) => {
    const owner = { user_id: viewerUser.id, company_id: viewerUser.company_id! }
    const { id } = await trusted(({ db }) => addNotification(db, owner))
    const caller = as(testUser)
    for (const reply of [
      caller.get(`/notifications/${id}`),
      caller.patch(`/notifications/${id}`, { is_read: true }),
      caller.post(`/notifications/${id}/read`),
      caller.delete(`/notifications/${id}`),
    ])
      expect((await reply).statusCode).toBe(404)
    const bulk = await caller.post('/notifications/bulk-read', { ids: [id] })
    expect(bulk.json()).toEqual({ updated_count: 0 })
    await caller.post('/notifications/bulk-read', { all: true })
    expect((await as(viewerUser).get('/notifications/stats')).json()).toEqual({ unread_count: 1 })
  })

  test('are read many at a time: these, or explicitly all', async ({ as, trusted, testUser }) => {
    const owner = { user_id: testUser.id, company_id: testUser.company_id! }
    const [a] = await trusted(async ({ db }) => [
      await addNotification(db, owner),
      await addNotification(db, owner),
      await addNotification(db, owner),
    ])
    const read = (body: object) => as(testUser).post('/notifications/bulk-read', body)
    for (const body of [{}, { ids: [] }, { all: false }, { all: true, ids: [a.id] }])
      expect((await read(body)).statusCode).toBe(422)
    expect((await read({ ids: [a.id] })).json()).toEqual({ updated_count: 1 })
    expect((await read({ all: true })).json()).toEqual({ updated_count: 2 })
    expect((await as(testUser).get('/notifications/stats')).json()).toEqual({ unread_count: 0 })
  })

  test('about a record are seen while the record may be read, with or without an inbox item', async ({
    as,
    workAs,
    testUser,
    viewerUser,
  }) => {
    const product = await workAs(testUser, (ctx) => new ProductService(ctx).create({ name: 'A', sku: 'A', price: '1' }))
    const about = { model_name: 'products', record_id: product.id, item_type: 'mention' as const }
    await workAs(testUser, (ctx) =>
      notify(ctx, [
        { user_id: viewerUser.id, title: 'Open', item: about },
        { user_id: viewerUser.id, title: 'Internal', item: { ...about, is_internal: true } },
      ]),
    )
    expect(titlesIn(await as(viewerUser).get('/notifications'))).toEqual(['Open'])
    await as(viewerUser).post('/inbox/bulk', { action: 'delete', filter: { item_type: 'mention' } })
    await workAs(testUser, (ctx) => new ProductService(ctx).delete(product.id))
    expect(titlesIn(await as(viewerUser).get('/notifications'))).toEqual([])
    expect((await as(viewerUser).get('/notifications/stats')).json()).toEqual({ unread_count: 0 })
  })
})

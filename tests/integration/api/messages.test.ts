import { sql } from 'drizzle-orm'
import { MessageService } from '../../../app/services/message.ts'
import { atOnce } from '../../support/at-once.ts'
import { callerOf } from '../../support/caller.ts'
import { countingEngine } from '../../support/counting-engine.ts'
import { ownApp } from '../../support/own-app.ts'
import { THUMB, describe, expect, on, test, threadOf } from '../../support/threads.ts'

describe('a message', () => {
  test('is written, says where it is, and is in the thread of its record', async ({
    as,
    testUser,
    testCompany,
    product,
  }) => {
    const reply = await as(testUser).post('/messages', { ...on(product), body: 'Great progress!' })
    expect(reply.statusCode).toBe(201)
    const message = reply.json()
    const moment = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(message).toEqual({
      id: expect.any(Number),
      company_id: testCompany.id,
      ...on(product),
      parent_id: null,
      user_id: testUser.id,
      author: { id: testUser.id, username: 'manager', full_name: 'The manager' },
      subject: null,
      body: 'Great progress!',
      body_html: null,
      message_type: 'comment',
      level: 'info',
      is_internal: false,
      is_pinned: false,
      is_read: true,
      edited_at: null,
      attachments: [],
      metadata: {},
      mentions: [],
      reactions: [],
      reply_count: 0,
      created_at: moment,
      updated_at: moment,
    })
    expect(reply.headers['location']).toBe(`/api/v1/messages/${message.id}`)
    expect((await as(testUser).get(`/messages/${message.id}`)).json()).toEqual(message)
    const list = { total: 1, items: [message], page: 1, page_size: 20, next_cursor: null }
    expect((await as(testUser).get(threadOf(product))).json()).toEqual(list)
  })

  test('keeps all that it is given, its HTML made harmless', async ({ as, viewerUser, product }) => {
    const given = {
      subject: 'Kick-off',
      body: 'See there',
      message_type: 'approval',
      level: 'success',
      attachments: [{ name: 'plan.pdf', url: '/files/1', content_type: 'application/pdf', size: 12 }],
      metadata: { source: 'import' },
    }
    const body_html = '<p onclick="x()">See <a href="/files/1">there</a></p><script>alert(1)</script>'
    const reply = await as(viewerUser).post('/messages', { ...on(product), ...given, body_html })
    expect(reply.statusCode).toBe(201)
    const rel = 'noopener noreferrer nofollow ugc'
    expect(reply.json()).toMatchObject({
      ...given,
      body_html: `<p>See <a href="/files/1" rel="${rel}">there</a></p>`,
    })
  })

  test.for([
    [{ body: undefined }, 'body'],
    [{ body: '' }, 'body'],
    [{ body: ' \n' }, 'body'],
    [{ body: 'x'.repeat(50_001) }, 'body'],
    [{ body: 'a\u0000b' }, 'body'],
    [{ body_html: 'x'.repeat(50_001) }, 'body_html'],
    [{ body_html: '<b>'.repeat(2001) }, 'body_html'],
    [{ subject: 'x'.repeat(256) }, 'subject'],
    [{ message_type: 'shout' }, 'message_type'],
    [{ level: 'critical' }, 'level'],
    [{ user_id: 1 }, 'user_id'],
    [{ is_pinned: true }, 'is_pinned'],
    [{ edited_at: null }, 'edited_at'],
    [{ metadata: { a: 'x'.repeat(10_000) } }, 'metadata'],
    [{ attachments: [{ name: '../x', url: '/x' }] }, 'attachments'],
    [{ attachments: [{ name: 'x', url: 'javascript:alert(1)' }] }, 'attachments'],
    [{ attachments: [{ name: 'x', url: '//evil.example' }] }, 'attachments'],
    [{ attachments: [{ name: 'x', url: '/x', size: -1 }] }, 'attachments'],
    [{ attachments: [{ name: 'x', url: '/x', content_type: 'text/html\r\nx' }] }, 'attachments'],
    [{ attachments: Array.from({ length: 21 }, () => ({ name: 'x', url: '/x' })) }, 'attachments'],
  ] as const)('is refused with %j', async ([change, field], { as, testUser, product }) => {
    const reply = await as(testUser).post('/messages', { ...on(product), body: 'x', ...change })
    expect(reply.statusCode).toBe(422)
    expect(reply.json().detail.map(({ loc }: { loc: string[] }) => loc[1])).toContain(field)
    expect((await as(testUser).get(threadOf(product))).json().total).toBe(0)
  })

  test.for([
    ['text', { body: '日'.repeat(17_000) }],
    ['text and HTML', { body: 'x'.repeat(25_000), body_html: 'x'.repeat(25_000) }],
    ['HTML that grows', { body_html: '&'.repeat(10_001) }],
    [
      'attachments',
      {
        attachments: Array.from({ length: 20 }, () => ({ name: 'x'.repeat(255), url: `/${'x'.repeat(1999)}` })),
        body: 'x'.repeat(10_000),
      },
    ],
  ] as const)('has at most 50,000 bytes: of %s', async ([, change], { as, testUser, product }) => {
    const fault = { code: 'validation_error', detail: [{ loc: ['body'], type: 'too_big' }] }
    const reply = await as(testUser).post('/messages', { ...on(product), body: 'x', ...change })
    expect(reply.json()).toMatchObject(fault)
    const { id } = (await as(testUser).post('/messages', { ...on(product), body: 'x', body_html: 'y' })).json()
    expect((await as(testUser).patch(`/messages/${id}`, change)).json()).toMatchObject(fault)
  })

  test('has at most 50,000 bytes: with what it had before a change', async ({ as, testUser, product }) => {
    const { id } = (await as(testUser).post('/messages', { ...on(product), body: 'x'.repeat(45_000) })).json()
    const metadata = { note: 'x'.repeat(6000) }
    expect((await as(testUser).patch(`/messages/${id}`, { metadata })).statusCode).toBe(422)
    expect((await as(testUser).patch(`/messages/${id}`, { metadata, body: 'short' })).statusCode).toBe(200)
  })

  test.for(['system', 'notification', 'log'])(
    'of type %s takes message.internal, shows its author, and is nobody’s to change or delete',
    async (message_type, { as, testUser, viewerUser, product }) => {
      const message = { ...on(product), body: 'Moved to the new store', message_type }
      const refused = await as(viewerUser).post('/messages', message)
      expect([refused.statusCode, refused.json().detail]).toEqual([403, 'Missing permission: message.internal'])
      const written = await as(testUser).post('/messages', message)
      expect(written.statusCode).toBe(201)
      expect(written.json()).toMatchObject({ message_type, user_id: testUser.id, author: { id: testUser.id } })
      expect((await as(viewerUser).get(threadOf(product))).json().items).toMatchObject([
        { author: { id: testUser.id } },
      ])
      const path = `/messages/${written.json().id}`
      expect((await as(testUser).patch(path, { body: 'x' })).statusCode).toBe(403)
      expect((await as(testUser).delete(path)).statusCode).toBe(403)
    },
  )

  test('of a megabyte is not even read', async ({ as, testUser, product }) => {
    const reply = await as(testUser).post('/messages', { ...on(product), body: 'x'.repeat(1_000_000) })
    expect([reply.statusCode, reply.json().code]).toEqual([413, 'body_too_large'])
  })

  test('is edited by its author alone, and says so', async ({ as, testUser, adminUser, superuser, product }) => {
    const before = (await as(testUser).post('/messages', { ...on(product), body: 'a', body_html: '<b>a</b>' })).json()
    const path = `/messages/${before.id}`
    for (const other of [adminUser, superuser])
      expect((await as(other).patch(path, { body: 'taken' })).json()).toMatchObject({
        code: 'permission_denied',
        detail: 'Only its author may change a message',
      })
    expect((await as(testUser).patch(path, {})).json()).toEqual(before)
    const after = (await as(testUser).patch(path, { body: 'b' })).json()
    expect(after).toMatchObject({ body: 'b', body_html: null, edited_at: expect.any(String), is_read: true })
    expect((await as(testUser).patch(path, { subject: 's' })).json()).toMatchObject({ body: 'b', subject: 's' })
    for (const fixed of [{ is_internal: true }, { message_type: 'note' }, { parent_id: null }, { is_pinned: true }])
      expect((await as(testUser).patch(path, fixed)).statusCode).toBe(422)
  })

  test('of the system is nobody’s to change or delete', async ({ as, workAs, testUser, adminUser, product }) => {
    for (const message_type of ['system', 'log', 'notification'] as const) {
      const { id } = await workAs(testUser, (ctx) =>
        new MessageService(ctx).create({ ...on(product), body: 'Created', message_type }),
      )
      for (const user of [testUser, adminUser]) {
        expect((await as(user).patch(`/messages/${id}`, { body: 'forged' })).statusCode).toBe(403)
        expect((await as(user).delete(`/messages/${id}`)).statusCode).toBe(403)
      }
    }
  })

  test('is deleted by its author or by who may delete the record', async ({
    as,
    testUser,
    adminUser,
    viewerUser,
    product,
  }) => {
    const write = async () => (await as(testUser).post('/messages', { ...on(product), body: 'x' })).json().id
    const mine = await write()
    expect((await as(viewerUser).delete(`/messages/${mine}`)).json().detail).toBe('Missing permission: product.delete')
    expect((await as(testUser).delete(`/messages/${mine}`)).statusCode).toBe(204)
    expect((await as(testUser).get(`/messages/${mine}`)).json()).toMatchObject({ detail: 'Message not found' })
    expect((await as(adminUser).delete(`/messages/${await write()}`)).statusCode).toBe(204)
    expect((await as(testUser).get(threadOf(product))).json().total).toBe(0)
  })
})

describe('a reply', () => {
  test('is counted and listed below what it answers', async ({ as, testUser, viewerUser, product }) => {
    const { id } = (await as(testUser).post('/messages', { ...on(product), body: 'a' })).json()
    const bodies = ['b', 'c']
    for (const body of bodies) await as(viewerUser).post('/messages', { ...on(product), body, parent_id: id })
    expect((await as(testUser).get(`/messages/${id}`)).json().reply_count).toBe(2)
    const replies = (await as(testUser).get(`/messages/${id}/replies`)).json()
    expect(replies.items.map(({ body }: { body: string }) => body)).toEqual(bodies)
    expect(replies).toMatchObject({ total: 2, items: [{ parent_id: id, is_read: false }, {}] })
    expect((await as(testUser).get(threadOf(product, '&parent_id__isnull=true'))).json().total).toBe(1)
  })

  test('belongs to the record of what it answers', async ({ as, testUser, outsider, product, foreign }) => {
    const second = (await as(testUser).post('/products', { name: 'b', sku: 'B', price: 1 })).json().id
    const there = (await as(testUser).post('/messages', { ...on(second), body: 'a' })).json().id
    const abroad = (await as(outsider).post('/messages', { ...on(foreign), body: 'a' })).json().id
    for (const parent_id of [there, abroad, 1]) {
      const reply = await as(testUser).post('/messages', { ...on(product), body: 'x', parent_id })
      expect([reply.statusCode, reply.json().detail]).toEqual([
        400,
        'parent_id refers to something that does not exist',
      ])
    }
  })

  test('written at the moment at which what it answers is deleted is there or was refused, never lost', async ({
    as,
    testUser,
    viewerUser,
    product,
  }) => {
    for (let n = 0; n < 5; n++) {
      const root = (await as(testUser).post('/messages', { ...on(product), body: 'root' })).json().id
      const answer = { ...on(product), body: `answer ${n}`, parent_id: root }
      const [reply, gone] = await Promise.all([
        as(viewerUser).post('/messages', answer),
        as(testUser).delete(`/messages/${root}`),
      ])
      expect(gone.statusCode).toBe(204)
      expect([201, 400]).toContain(reply.statusCode)
      const { total } = (await as(testUser).get(threadOf(product, `&q=answer ${n}`))).json()
      expect(total).toBe(reply.statusCode === 201 ? 1 : 0)
    }
  })

  test('that is not yet committed when what it answers is deleted stays as well', async ({
    engine,
    trusted,
    as,
    testUser,
    testCompany,
    product,
  }) => {
    const user = as(testUser)
    const root = (await user.post('/messages', { ...on(product), body: 'root' })).json().id
    const replying = sql`insert into messages (company_id, model_name, record_id, parent_id, body)
      values (${testCompany.id}, 'products', ${product}, ${root}, 'answer')`
    const [gone] = await atOnce({ engine, trusted }, replying, [() => user.delete(`/messages/${root}`)])
    expect(gone!.statusCode).toBe(204)
    expect((await user.get(threadOf(product))).json().items).toMatchObject([{ body: 'answer', parent_id: null }])
  })

  test('outlives what it answers, one level up', async ({ as, testUser, viewerUser, product }) => {
    const write = async (user: typeof testUser, parent_id?: number) =>
      (await as(user).post('/messages', { ...on(product), body: 'x', parent_id })).json().id as number
    const root = await write(viewerUser)
    const middle = await write(testUser, root)
    const leaf = await write(viewerUser, middle)
    await as(testUser).delete(`/messages/${middle}`)
    expect((await as(testUser).get(`/messages/${leaf}`)).json().parent_id).toBe(root)
    await as(viewerUser).delete(`/messages/${root}`)
    expect((await as(testUser).get(`/messages/${leaf}`)).json().parent_id).toBeNull()
  })
})

describe('a pin', () => {
  test('is set by the author or who may change the record, and lists what has it, the newest first', async ({
    as,
    testUser,
    viewerUser,
    product,
  }) => {
    const ids: number[] = []
    for (const user of [testUser, viewerUser, testUser])
      ids.push((await as(user).post('/messages', { ...on(product), body: 'x' })).json().id)
    expect((await as(viewerUser).put(`/messages/${ids[0]}/pin`)).json().detail).toBe(
      'Missing permission: product.update',
    )
    expect((await as(viewerUser).put(`/messages/${ids[1]}/pin`)).json()).toMatchObject({ is_pinned: true })
    expect((await as(testUser).put(`/messages/${ids[2]}/pin`)).json()).toMatchObject({ is_pinned: true })
    const pinned = async () => {
      const reply = await as(viewerUser).get(`/messages/pinned?model_name=products&record_id=${product}`)
      return reply.json().items.map(({ id }: { id: number }) => id)
    }
    expect(await pinned()).toEqual([ids[2], ids[1]])
    const unpinned = await as(testUser).delete(`/messages/${ids[1]}/pin`)
    expect([unpinned.statusCode, unpinned.body]).toEqual([204, ''])
    expect((await as(testUser).get(`/messages/${ids[1]}`)).json()).toMatchObject({ is_pinned: false, edited_at: null })
    expect(await pinned()).toEqual([ids[2]])
  })
})

describe('a reaction', () => {
  test('is counted by emoji, once for each user, and taken back', async ({ as, testUser, viewerUser, product }) => {
    const { id } = (await as(testUser).post('/messages', { ...on(product), body: 'x' })).json()
    const path = `/messages/${id}/reactions`
    for (const user of [testUser, viewerUser, viewerUser]) await as(user).put(`${path}/${THUMB}`)
    const heart = await as(viewerUser).put(`${path}/${encodeURIComponent('❤')}`)
    expect(heart.json().reactions).toEqual([
      { emoji: '👍', count: 2, reacted: true },
      { emoji: '❤️', count: 1, reacted: true },
    ])
    expect((await as(testUser).delete(`${path}/${THUMB}`)).statusCode).toBe(204)
    expect((await as(testUser).delete(`${path}/${THUMB}`)).statusCode).toBe(204)
    expect((await as(testUser).get(`/messages/${id}`)).json().reactions).toEqual([
      { emoji: '👍', count: 1, reacted: false },
      { emoji: '❤️', count: 1, reacted: false },
    ])
  })

  test.for(['a', '%3Cb%3E', '1', `${THUMB}${THUMB}`, '%00', '%F0%9F%91'])(
    'is no "%s"',
    async (text, { as, testUser, product }) => {
      const { id } = (await as(testUser).post('/messages', { ...on(product), body: 'x' })).json()
      const reply = await as(testUser).put(`/messages/${id}/reactions/${text}`)
      expect(reply.statusCode).toBeGreaterThanOrEqual(400)
      expect(reply.statusCode).toBeLessThan(500)
      expect((await as(testUser).get(`/messages/${id}`)).json().reactions).toEqual([])
    },
  )

  test.for(['👩🏻‍❤️‍💋‍👨🏽', '🏴󠁧󠁢󠁷󠁬󠁳󠁿', '👨‍👩‍👧‍👦'])(
    'is %s, however long that is in an address',
    async (emoji, { as, testUser, product }) => {
      const { id } = (await as(testUser).post('/messages', { ...on(product), body: 'x' })).json()
      const reply = await as(testUser).put(`/messages/${id}/reactions/${encodeURIComponent(emoji)}`)
      expect([reply.statusCode, reply.json().reactions]).toEqual([200, [{ emoji, count: 1, reacted: true }]])
    },
  )

  test('is one of at most 50 kinds on a message', async ({ as, workAs, testUser, viewerUser, product }) => {
    const { id } = (await as(testUser).post('/messages', { ...on(product), body: 'x' })).json()
    const emoji = Array.from({ length: 51 }, (_, n) => String.fromCodePoint(0x1f400 + n).replace('🐿', '🐿\uFE0F'))
    await workAs(testUser, async (ctx) => {
      for (const one of emoji.slice(0, 50)) await new MessageService(ctx).react(id, one)
    })
    const put = (one: string) => as(viewerUser).put(`/messages/${id}/reactions/${encodeURIComponent(one)}`)
    expect((await put(emoji[50]!)).json()).toMatchObject({ code: 'bad_request' })
    expect((await put(emoji[0]!)).statusCode).toBe(200)
    expect((await put(emoji[0]!)).statusCode).toBe(200)
  })
})

test('reading is noted for each reader alone', async ({ as, testUser, viewerUser, adminUser, product }) => {
  const { id } = (await as(testUser).post('/messages', { ...on(product), body: 'x' })).json()
  for (let n = 0; n < 2; n++) expect((await as(viewerUser).post(`/messages/${id}/read`)).statusCode).toBe(204)
  const read = async (user: typeof testUser) => (await as(user).get(`/messages/${id}`)).json().is_read
  expect([await read(testUser), await read(viewerUser), await read(adminUser)]).toEqual([true, true, false])
})

describe('a thread', () => {
  test('is paged by cursor, filtered and searched', async ({ as, testUser, product }) => {
    const user = as(testUser)
    for (const body of ['one 100%', 'two', 'three', 'four']) await user.post('/messages', { ...on(product), body })
    const bodies = async (more: string) =>
      (await user.get(threadOf(product, more))).json().items.map(({ body }: { body: string }) => body)
    expect(await bodies('')).toEqual(['one 100%', 'two', 'three', 'four'])
    expect(await bodies('&sort=-created_at')).toEqual(['four', 'three', 'two', 'one 100%'])
    expect(await bodies('&q=%25')).toEqual(['one 100%'])
    expect(await bodies('&body__contains=THR')).toEqual(['three'])
    const { next_cursor } = (await user.get(threadOf(product, '&page_size=3'))).json()
    expect(await bodies(`&page_size=3&cursor=${next_cursor}`)).toEqual(['four'])
  })

  test.for([
    '/messages',
    '/messages?model_name=products',
    '/messages?model_name=products&record_id=x',
    '/messages?model_name=products&record_id=1&sort=body',
    '/messages?model_name=products&record_id=1&sort=-id,subject',
    '/messages?model_name=products&record_id=1&sort=reply_count',
    '/messages?model_name=products&record_id=1&is_read=true',
    '/messages?model_name=products&record_id=1&model_name__contains=x',
    '/messages/pinned?model_name=products',
    '/messages/followers',
    '/messages/followers?model_name=products&record_id=1&username=x',
  ])('is not asked for by %s', async (path, { as, testUser }) => {
    expect((await as(testUser).get(path)).statusCode).toBe(422)
  })

  test('takes the same number of statements, whatever its length', async ({
    engine,
    settings,
    as,
    authHeaders,
    testUser,
    product,
  }) => {
    const counted = countingEngine(engine)
    await using own = await ownApp({ engine: counted.engine, settings })
    const caller = callerOf(own.app, authHeaders(testUser))
    const cost = async () => {
      const before = counted.count()
      expect((await caller.get(threadOf(product, '&page_size=200'))).statusCode).toBe(200)
      return counted.count() - before
    }
    const few = 4 // the record, the page, its count, what hangs on its messages
    for (let n = 0; n < 3; n++) await as(testUser).post('/messages', { ...on(product), body: 'x' })
    await expect.poll(cost).toBe(few) // once the caller is known
    for (let n = 0; n < 30; n++) await as(testUser).post('/messages', { ...on(product), body: 'x' })
    await expect.poll(cost).toBe(few)
  })
})

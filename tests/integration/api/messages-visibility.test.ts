import { eq } from 'drizzle-orm'
import { messages, products, userCompanyRoles } from '../../../app/models/index.ts'
import { ProductService } from '../../../app/services/product.ts'
import { forgetStatements } from '../../../app/db/statement.ts'
import type { Caller } from '../../support/caller.ts'
import type { TestUser } from '../../support/fixtures.ts'
import { addMember, addRole } from '../../support/people.ts'
import { THUMB, describe, expect, followersOf, on, test, threadOf } from '../../support/threads.ts'
import { withoutSecondWall } from '../../support/walls.ts'

/** Every call that names a message. */
const ABOUT: Record<string, (caller: Caller, id: number) => ReturnType<Caller['get']>> = {
  get: (caller, id) => caller.get(`/messages/${id}`),
  edit: (caller, id) => caller.patch(`/messages/${id}`, { body: 'x' }),
  delete: (caller, id) => caller.delete(`/messages/${id}`),
  replies: (caller, id) => caller.get(`/messages/${id}/replies`),
  pin: (caller, id) => caller.put(`/messages/${id}/pin`),
  unpin: (caller, id) => caller.delete(`/messages/${id}/pin`),
  react: (caller, id) => caller.put(`/messages/${id}/reactions/${THUMB}`),
  unreact: (caller, id) => caller.delete(`/messages/${id}/reactions/${THUMB}`),
  read: (caller, id) => caller.post(`/messages/${id}/read`),
}
/** Every call that names a record. */
const IN: Record<string, (caller: Caller, id: number, model?: string) => ReturnType<Caller['get']>> = {
  list: (caller, id, model = 'products') => caller.get(`/messages?model_name=${model}&record_id=${id}`),
  write: (caller, id, model = 'products') => caller.post('/messages', { model_name: model, record_id: id, body: 'x' }),
  pinned: (caller, id, model = 'products') => caller.get(`/messages/pinned?model_name=${model}&record_id=${id}`),
  followers: (caller, id, model = 'products') => caller.get(`/messages/followers?model_name=${model}&record_id=${id}`),
  follow: (caller, id, model = 'products') => caller.put(`/messages/followers?model_name=${model}&record_id=${id}`),
  unfollow: (caller, id, model = 'products') =>
    caller.delete(`/messages/followers?model_name=${model}&record_id=${id}`),
}
const NEVER = 999_999_999_999_999
const same = { 'x-request-id': 'same' }

/** What somebody is answered, without the id of the request. */
const answers = async (caller: Caller, id: number, record: number) => {
  const calls = [
    ...Object.values(ABOUT).map((call) => call(caller, id)),
    ...Object.values(IN).map((call) => call(caller, record)),
  ]
  return (await Promise.all(calls)).map((reply) => `${reply.statusCode} ${reply.json().detail}`)
}
const NOTHING = [
  ...Object.keys(ABOUT).map(() => '404 Message not found'),
  ...Object.keys(IN).map(() => '404 Product not found'),
]

const write = async (caller: Caller, record: number, more: object = {}): Promise<number> => {
  const reply = await caller.post('/messages', { ...on(record), body: 'a secret plan', ...more })
  expect(reply.statusCode).toBe(201)
  return reply.json().id
}

describe('a message of a record that one may not read', () => {
  test('is not there for another company', async ({ as, testUser, outsider, product }) => {
    const id = await write(as(testUser), product)
    expect(await answers(as(outsider), id, product)).toEqual(NOTHING)
    expect(await answers(as(outsider), NEVER, NEVER)).toEqual(NOTHING)
    const ask = async (message: number) => (await as(outsider).get(`/messages/${message}`, undefined, same)).body
    expect(await ask(id)).toBe(await ask(NEVER))
  })

  test('is not there without the permission', async ({ as, trusted, testCompany, testUser, stranger, product }) => {
    const id = await write(as(testUser), product)
    await addMember(trusted, stranger, testCompany, 'member')
    const member = { ...stranger, company_id: testCompany.id }
    await expect.poll(() => answers(as(member), id, product)).toEqual(NOTHING)
  })

  test('is not there while the record is deleted, and there again once it is restored', async ({
    as,
    workAs,
    testUser,
    adminUser,
    product,
  }) => {
    const id = await write(as(testUser), product)
    await as(adminUser).delete(`/products/${product}`)
    for (const user of [testUser, adminUser]) expect(await answers(as(user), id, product)).toEqual(NOTHING)
    await workAs(adminUser, (ctx) => new ProductService(ctx).restore(product))
    expect((await as(testUser).get(`/messages/${id}`)).json()).toMatchObject({ id, is_pinned: false })
  })

  test('is not there once the membership has ended', async ({
    as,
    trusted,
    testCompany,
    viewerUser,
    testUser,
    product,
  }) => {
    const id = await write(as(testUser), product)
    expect((await as(viewerUser).get(`/messages/${id}`)).statusCode).toBe(200)
    await trusted(({ db }) => db.delete(userCompanyRoles).where(eq(userCompanyRoles.user_id, viewerUser.id)))
    const caller = as(viewerUser)
    await expect.poll(async () => (await caller.get(threadOf(product))).statusCode).toBe(404)
    expect(await answers(caller, id, product)).not.toContainEqual(expect.stringMatching(/^2/))
    expect(testCompany.id).toBeGreaterThan(0)
  })

  test.for(['users', 'companies', 'messages', 'nothing', "products' or '1'='1", '__proto__'])(
    'is not there, since %s have no threads',
    async (model, { as, adminUser, testCompany }) => {
      for (const call of Object.values(IN)) {
        const reply = await call(as(adminUser), testCompany.id, encodeURIComponent(model))
        expect([reply.statusCode, reply.json().detail]).toEqual([404, 'Record not found'])
      }
    },
  )

  test('is not listed even if a row of another company names the record, whatever the database guards', async ({
    as,
    engine,
    trusted,
    testUser,
    outsider,
    otherCompany,
    product,
  }) => {
    const id = await write(as(testUser), product)
    await trusted(({ db }) =>
      db.insert(messages).values([
        { ...on(product), body: 'foreign', company_id: otherCompany.id, user_id: outsider.id },
        { ...on(product), body: 'foreign', company_id: otherCompany.id, user_id: testUser.id },
      ]),
    )
    forgetStatements()
    await withoutSecondWall(engine, async () => {
      expect((await as(testUser).get(threadOf(product))).json()).toMatchObject({ total: 1, items: [{ id }] })
    })
  })
})

describe('an internal message', () => {
  test('is not there without the permission for them', async ({ as, testUser, viewerUser, product }) => {
    const open = await write(as(testUser), product)
    const id = await write(as(testUser), product, { is_internal: true, parent_id: open })
    const before = (await as(viewerUser).get(`/messages/${open}`)).json()
    expect(before.reply_count).toBe(0)
    const calls = Object.values(ABOUT).map((call) => call(as(viewerUser), id))
    for (const reply of await Promise.all(calls))
      expect([reply.statusCode, reply.json().detail]).toEqual([404, 'Message not found'])
    expect((await as(viewerUser).get(`/messages/${open}/replies`)).json().total).toBe(0)
    for (const more of ['', '&include_internal=true', '&is_internal=true', '&q=secret&sort=-is_internal'])
      expect(
        (await as(viewerUser).get(threadOf(product, more))).json().items.map((m: { id: number }) => m.id),
      ).not.toContain(id)
    expect((await as(viewerUser).get(threadOf(product))).json().total).toBe(1)
    const answer = async (parent_id: number) =>
      (await as(viewerUser).post('/messages', { ...on(product), body: 'x', parent_id }, same)).body
    expect(await answer(id)).toBe(await answer(NEVER))
    // Who may read it does.
    expect((await as(testUser).get(`/messages/${open}`)).json().reply_count).toBe(1)
    expect((await as(testUser).get(threadOf(product))).json().total).toBe(2)
    expect((await as(testUser).get(threadOf(product, '&include_internal=false'))).json().total).toBe(1)
  })

  test('is not pinned where it would be seen', async ({ as, testUser, viewerUser, product }) => {
    const id = await write(as(testUser), product, { is_internal: true })
    await as(testUser).put(`/messages/${id}/pin`)
    const pinned = async (user: TestUser) =>
      (await as(user).get(`/messages/pinned?model_name=products&record_id=${product}`)).json().total
    expect([await pinned(testUser), await pinned(viewerUser)]).toEqual([1, 0])
  })

  test('cannot be written without the permission', async ({ as, viewerUser, product }) => {
    for (const more of [{ is_internal: true }, { message_type: 'note' }]) {
      const reply = await as(viewerUser).post('/messages', { ...on(product), body: 'x', ...more })
      expect([reply.statusCode, reply.json().detail]).toEqual([403, 'Missing permission: message.internal'])
    }
    expect((await as(viewerUser).get(threadOf(product))).json().total).toBe(0)
  })

  test('is what a note is, and every reply to one', async ({ as, testUser, product }) => {
    const note = (await as(testUser).post('/messages', { ...on(product), body: 'x', message_type: 'note' })).json()
    expect(note.is_internal).toBe(true)
    const reply = { ...on(product), body: 'x', parent_id: note.id }
    expect((await as(testUser).post('/messages', reply)).json().is_internal).toBe(true)
    expect((await as(testUser).post('/messages', { ...reply, is_internal: false })).json()).toMatchObject({
      code: 'bad_request',
      detail: 'A reply to an internal message is internal',
    })
  })
})

describe('a person in a thread', () => {
  test('is shown by name while a member, and by id alone afterwards', async ({
    as,
    trusted,
    testCompany,
    otherCompany,
    testUser,
    stranger,
    product,
  }) => {
    const role = await addRole(trusted, {
      company_id: testCompany.id,
      codename: 'reader',
      permissions: ['product.read'],
    })
    await addMember(trusted, stranger, testCompany, role, { is_default: true })
    await addMember(trusted, stranger, otherCompany, 'member')
    const inTest = { ...stranger, company_id: testCompany.id }
    await expect.poll(async () => (await as(inTest).get(threadOf(product))).statusCode).toBe(200)
    const id = await write(as(inTest), product)
    await as(testUser).post('/messages', { ...on(product), body: 'thank you @stranger' })
    const shown = async () => {
      const [first, second] = (await as(testUser).get(threadOf(product))).json().items
      return [first.author?.username, second.mentions.length, first.user_id]
    }
    expect(await shown()).toEqual(['stranger', 1, stranger.id])
    expect((await as(testUser).get(followersOf(product))).json()).toMatchObject({ total: 2 })
    await trusted(({ db }) => db.delete(userCompanyRoles).where(eq(userCompanyRoles.company_id, testCompany.id)))
    await addMember(trusted, testUser, testCompany, 'manager', { is_default: true })
    await expect.poll(async () => (await as(testUser).get(`/messages/${id}`)).statusCode).toBe(200)
    expect(await shown()).toEqual([undefined, 0, stranger.id])
    expect((await as(testUser).get(followersOf(product))).json()).toMatchObject({
      total: 1,
      items: [{ username: 'manager' }],
    })
  })
})

test('a superuser who works across companies reads every thread, and writes in none', async ({
  as,
  trusted,
  superuser,
  outsider,
  foreign,
}) => {
  const id = await write(as(outsider), foreign)
  const all = await as(superuser).get(threadOf(foreign, '&company_id=all'))
  expect(all.json()).toMatchObject({ total: 1, items: [{ id, author: { username: 'outsider' } }] })
  expect((await as(superuser).get(`/messages/${id}`)).statusCode).toBe(404)
  const reply = await as(superuser).post('/messages?company_id=all', { ...on(foreign), body: 'x' })
  expect([reply.statusCode, reply.json().code]).toEqual([403, 'no_company'])
  expect(await trusted(({ db }) => db.$count(messages))).toBe(1)
  expect(await trusted(({ db }) => db.$count(products))).toBe(1)
})

test('nobody enters a thread without a log-in or a company', async ({ as, stranger, testUser, product }) => {
  const id = await write(as(testUser), product)
  for (const call of Object.values(ABOUT)) {
    expect((await call(as(), id)).statusCode).toBe(401)
    expect([403, 404]).toContain((await call(as(stranger), id)).statusCode)
  }
  for (const call of Object.values(IN)) {
    expect((await call(as(), product)).statusCode).toBe(401)
    expect([403, 404]).toContain((await call(as(stranger), product)).statusCode)
  }
})

import { eq, inArray } from 'drizzle-orm'
import { messageFollowers, permissions, roles, userCompanyRoles, users } from '../../../app/models/index.ts'
import { MessageService } from '../../../app/services/message.ts'
import { namesIn } from '../../../app/services/threads/mentions.ts'
import { callerOf } from '../../support/caller.ts'
import { countingEngine } from '../../support/counting-engine.ts'
import { ownApp } from '../../support/own-app.ts'
import { addGroup, addMember, addPerson, addRole } from '../../support/people.ts'
import { THUMB, describe, expect, followersOf, on, test as base, threadOf } from '../../support/threads.ts'

/** Who has what in their inbox. */
const test = base.extend('inboxes', ({ rowsOf }) => async () => {
  const items = await rowsOf('inbox_items')
  return items.map(({ user_id, item_type }) => `${Number(user_id)} ${String(item_type)}`).toSorted()
})

describe('a mention', () => {
  test('makes mention, notification, inbox item and events of a member, in one transaction with the message', async ({
    as,
    rowsOf,
    testUser,
    adminUser,
    testCompany,
    product,
  }) => {
    const reply = await as(testUser).post('/messages', { ...on(product), body: 'Hello @ADMIN, @admin.\nhow are you?' })
    const message = reply.json()
    expect(message.mentions).toEqual([{ id: adminUser.id, username: 'admin', full_name: 'The admin' }])
    const [mention, ...more] = await rowsOf('message_mentions')
    expect(more).toEqual([])
    expect(mention).toMatchObject({ message_id: message.id, user_id: adminUser.id, company_id: testCompany.id })
    const [notification] = await rowsOf('notifications')
    expect(notification).toMatchObject({
      user_id: adminUser.id,
      title: 'You were mentioned on a product',
      description: null, // it outlives the right to read the record
      data: { message_id: message.id, ...on(product) },
    })
    const [item] = await rowsOf('inbox_items')
    expect(item).toMatchObject({
      ...on(product),
      user_id: adminUser.id,
      item_type: 'mention',
      priority: 'high',
      title: 'You were mentioned on a product',
      preview: 'Hello @ADMIN, @admin. how are you?',
      sender_id: testUser.id,
      message_id: message.id,
      notification_id: notification!['id'],
      is_internal: false,
    })
    const events = await rowsOf('events')
    const told = events.map(({ type, user_id }) => `${String(type)} ${String(user_id)}`)
    const expected = [`inbox:new ${adminUser.id}`, 'message:new null', `notification:new ${adminUser.id}`]
    expect(told.toSorted()).toEqual(expected)
    for (const event of events) expect(event).toMatchObject({ ...on(product), is_internal: false })
    expect(JSON.stringify(events)).not.toContain('how are you')
  })

  test('is nothing if the message is not', async ({ workAs, rowsOf, testUser, product }) => {
    const failing = workAs(testUser, async (ctx) => {
      await new MessageService(ctx).create({ ...on(product), body: '@admin' })
      throw new Error('later')
    })
    await expect(failing).rejects.toThrow('later')
    for (const table of ['messages', 'message_mentions', 'message_followers', 'notifications', 'inbox_items', 'events'])
      expect([table, await rowsOf(table)]).toEqual([table, []])
  })

  test('is of who may read the record now, by role or group, and of nobody else', async ({
    as,
    trusted,
    inboxes,
    testUser,
    adminUser,
    superuser,
    testCompany,
    otherCompany,
    product,
  }) => {
    const member = (name: string, changes = {}) => addPerson(trusted, name, testCompany, changes)
    const reader = await addPerson(trusted, 'by_role', null)
    await addMember(
      trusted,
      reader,
      testCompany,
      await addRole(trusted, { company_id: testCompany.id, codename: 'reader', permissions: ['product.read'] }),
    )
    const manager = await addPerson(trusted, 'by_manage', null)
    await addMember(
      trusted,
      manager,
      testCompany,
      await addRole(trusted, { company_id: testCompany.id, codename: 'keeper', permissions: ['product.manage'] }),
    )
    const grouped = await member('by_group')
    const sleeping = await member('by_sleeping_group')
    const foreign = await member('by_foreign_group')
    const inactive = await member('inactive', { is_active: false })
    const deleted = await member('deleted', { is_deleted: true })
    const stopped = await addPerson(trusted, 'stopped', null)
    await addMember(trusted, stopped, testCompany, 'viewer', { is_active: false })
    const shelved = await addPerson(trusted, 'shelved', null)
    const shelf = await addRole(trusted, {
      company_id: testCompany.id,
      codename: 'shelf',
      permissions: ['product.read'],
    })
    await addMember(trusted, shelved, testCompany, shelf)
    await member('no_right')
    const elsewhere = await addPerson(trusted, 'elsewhere', null)
    await addMember(trusted, elsewhere, otherCompany, 'admin')
    await trusted(async ({ db }) => {
      const granted = ['product.read']
      const company_id = testCompany.id
      await addGroup(db, { company_id, permissions: granted, users: [grouped.id, inactive.id, deleted.id, stopped.id] })
      await addGroup(db, { company_id, permissions: granted, users: [sleeping.id], is_active: false })
      await addGroup(db, { company_id: otherCompany.id, permissions: granted, users: [foreign.id] })
      await db.update(roles).set({ is_active: false }).where(eq(roles.id, shelf))
    })
    const everybody =
      'by_role by_manage by_group by_sleeping_group by_foreign_group inactive deleted stopped shelved no_right elsewhere nobody outsider stranger admin superuser manager'
    const body = everybody
      .split(' ')
      .map((name) => `@${name}`)
      .join(' ')
    const reply = await as(testUser).post('/messages', { ...on(product), body })
    expect(reply.statusCode).toBe(201)
    const reached = [reader, manager, grouped, adminUser, superuser].map(({ id }) => `${id} mention`)
    expect(await inboxes()).toEqual(reached.toSorted())
    expect(reply.json().mentions).toHaveLength(5)
  })

  test('in an internal message is of who may read those', async ({
    as,
    inboxes,
    rowsOf,
    testUser,
    adminUser,
    product,
  }) => {
    await as(testUser).post('/messages', { ...on(product), body: '@viewer @admin', is_internal: true })
    expect(await inboxes()).toEqual([`${adminUser.id} mention`])
    for (const row of [...(await rowsOf('inbox_items')), ...(await rowsOf('events'))])
      expect(row['is_internal']).toBe(true)
  })

  test('tells nothing of whom the name is elsewhere', async ({ as, testUser, product }) => {
    const write = async (body: string) => {
      const {
        id: _,
        body: __,
        created_at,
        updated_at,
        ...rest
      } = (await as(testUser).post('/messages', { ...on(product), body })).json()
      expect(created_at).toBe(updated_at)
      return rest
    }
    expect(await write('@outsider')).toEqual(await write('@nobody_at_all'))
  })

  test('that an edit adds reaches who was not told yet, once', async ({
    as,
    inboxes,
    testUser,
    adminUser,
    viewerUser,
    product,
  }) => {
    const { id } = (await as(testUser).post('/messages', { ...on(product), body: '@admin' })).json()
    for (const body of ['@admin @viewer', '@viewer', '@admin'])
      expect((await as(testUser).patch(`/messages/${id}`, { body })).statusCode).toBe(200)
    expect(await inboxes()).toEqual([`${adminUser.id} mention`, `${viewerUser.id} mention`].toSorted())
  })

  test('goes with its message, inbox item and all', async ({ as, inboxes, rowsOf, testUser, product }) => {
    const { id } = (await as(testUser).post('/messages', { ...on(product), body: '@admin' })).json()
    await as(testUser).delete(`/messages/${id}`)
    expect(await inboxes()).toEqual([])
    expect(await rowsOf('message_mentions')).toEqual([])
    expect((await rowsOf('inbox_counters')).every(({ unread }) => unread === 0)).toBe(true)
  })

  test('costs as many statements for many as for one', async ({
    engine,
    settings,
    trusted,
    authHeaders,
    inboxes,
    testUser,
    testCompany,
    product,
  }) => {
    const role = await addRole(trusted, {
      company_id: testCompany.id,
      codename: 'reader',
      permissions: ['product.read'],
    })
    const names = Array.from({ length: 40 }, (_, n) => `person_${n}`)
    const people = await trusted(async ({ db }) => {
      const rows = names.map((username) => ({ username, email: `${username}@example.com`, password_hash: '' }))
      const made = await db.insert(users).values(rows).returning({ id: users.id })
      await db
        .insert(userCompanyRoles)
        .values(made.map(({ id }) => ({ user_id: id, company_id: testCompany.id, role_id: role })))
      return made
    })
    const counted = countingEngine(engine)
    await using own = await ownApp({ engine: counted.engine, settings })
    const caller = callerOf(own.app, authHeaders(testUser))
    const cost = async (body: string) => {
      const before = counted.count()
      expect((await caller.post('/messages', { ...on(product), body })).statusCode).toBe(201)
      return counted.count() - before
    }
    await trusted(({ db }) =>
      db.insert(messageFollowers).values({ ...on(product), user_id: people[39]!.id, company_id: testCompany.id }),
    )
    // The least of three, as the caller may be looked up anew in any of them.
    const leastCost = async (body: string) => Math.min(await cost(body), await cost(body), await cost(body))
    const one = await leastCost('@person_0')
    await trusted(({ db }) =>
      db
        .insert(messageFollowers)
        .values(people.slice(30, 39).map(({ id }) => ({ ...on(product), user_id: id, company_id: testCompany.id }))),
    )
    const many = names.slice(0, 30).map((name) => `@${name}`)
    expect(await leastCost(many.join(' '))).toBe(one)
    expect(await inboxes()).toHaveLength(3 * (1 + 1 + 30 + 10))
  })

  test('ten thousand in one text are fifty at most', async ({ as, rowsOf, testUser, product }) => {
    const body = Array.from({ length: 10_000 }, (_, n) => `@u${n}`)
      .join(' ')
      .slice(0, 49_000)
    expect((await as(testUser).post('/messages', { ...on(product), body })).statusCode).toBe(201)
    expect(await rowsOf('message_mentions')).toEqual([])
  })
})

describe('the names in a text', () => {
  test.for([
    ['hello @jane', ['jane']],
    ['@Jane @JANE, @jane!', ['jane']],
    ['(@jane)', ['jane']],
    ['@jane.', ['jane', 'jane.']],
    ['@j.doe-x_1', ['j.doe-x_1']],
    ['jane@example.com', []],
    ['a.@jane', []],
    ['@@jane', []],
    ['@', []],
    ['@...', ['...']],
    ['@ jane', []],
    ['@jäne', ['j']],
    ['line\n@jane\n', ['jane']],
    ["@x'; drop table users; --", ['x']],
  ] as const)('of %j are %j', ([text, names]) => {
    expect(namesIn(text).toSorted()).toEqual([...names].toSorted())
  })

  test('are never more than a hundred spellings', () => {
    expect(namesIn(Array.from({ length: 10_000 }, (_, n) => `@u${n}.`).join(' ')).length).toBe(100)
  })
})

describe('followers', () => {
  test('are told of what others write: not its author, nor twice who is mentioned', async ({
    as,
    inboxes,
    rowsOf,
    testUser,
    adminUser,
    viewerUser,
    product,
  }) => {
    for (const user of [adminUser, viewerUser]) expect((await as(user).put(followersOf(product))).statusCode).toBe(204)
    await as(testUser).post('/messages', { ...on(product), body: 'hello @admin' })
    expect(await inboxes()).toEqual([`${adminUser.id} mention`, `${viewerUser.id} message`].toSorted())
    await as(adminUser).post('/messages', { ...on(product), body: 'hello' })
    const [last] = (await rowsOf('inbox_items')).filter(({ user_id }) => user_id === testUser.id)
    expect(last).toMatchObject({ item_type: 'message', priority: 'normal', title: 'New message on a product' })
  })

  test('are told only of what they may read', async ({
    as,
    trusted,
    inboxes,
    testUser,
    viewerUser,
    adminUser,
    product,
  }) => {
    for (const user of [viewerUser, adminUser]) await as(user).put(followersOf(product))
    await as(testUser).post('/messages', { ...on(product), body: 'among us', is_internal: true })
    expect(await inboxes()).toEqual([`${adminUser.id} message`])
    await trusted(({ db }) =>
      db.delete(userCompanyRoles).where(inArray(userCompanyRoles.user_id, [viewerUser.id, adminUser.id])),
    )
    await as(testUser).post('/messages', { ...on(product), body: 'gone' })
    expect(await inboxes()).toEqual([`${adminUser.id} message`])
  })

  test('are told nothing while their membership or the permission itself is inactive', async ({
    as,
    trusted,
    inboxes,
    testUser,
    testCompany,
    product,
  }) => {
    const stopped = await addPerson(trusted, 'stopped', null)
    await addMember(trusted, stopped, testCompany, 'viewer', { is_active: false })
    const reader = await addPerson(trusted, 'reader', null)
    const role_id = await addRole(trusted, {
      company_id: testCompany.id,
      codename: 'reader',
      permissions: ['product.read'],
    })
    await addMember(trusted, reader, testCompany, role_id)
    const company_id = testCompany.id
    await trusted(async ({ db }) => {
      await addGroup(db, { company_id, permissions: ['product.read'], users: [stopped.id] })
      const rows = [stopped, reader].map(({ id }) => ({ ...on(product), user_id: id, company_id }))
      await db.insert(messageFollowers).values(rows)
    })
    const put = await as(testUser).put(followersOf(product), { user_ids: [stopped.id] })
    expect(put.json().code).toBe('invalid_reference')
    await as(testUser).post('/messages', { ...on(product), body: 'one' })
    expect(await inboxes()).toEqual([`${reader.id} message`])
    await trusted(({ db }) =>
      db.update(permissions).set({ is_active: false }).where(eq(permissions.name, 'product.read')),
    )
    // The author reads by `product.manage`, the follower no longer.
    await as(testUser).post('/messages', { ...on(product), body: 'two' })
    expect(await inboxes()).toEqual([`${reader.id} message`])
  })

  test('are listed by name; one follows once, and no longer', async ({ as, testUser, viewerUser, product }) => {
    const list = async () =>
      (await as(viewerUser).get(followersOf(product))).json().items.map((one: { username: string }) => one.username)
    expect(await list()).toEqual([])
    for (let n = 0; n < 2; n++) expect((await as(viewerUser).put(followersOf(product))).statusCode).toBe(204)
    await as(testUser).post('/messages', { ...on(product), body: 'x' }) // its author follows
    expect(await list()).toEqual(['viewer', 'manager'])
    for (let n = 0; n < 2; n++) expect((await as(viewerUser).delete(followersOf(product))).statusCode).toBe(204)
    expect(await list()).toEqual(['manager'])
  })

  test('can be others who may read the record; whoever may not gets one answer', async ({
    as,
    trusted,
    testUser,
    adminUser,
    viewerUser,
    outsider,
    stranger,
    testCompany,
    product,
  }) => {
    const put = (user_ids: number[]) => as(testUser).put(followersOf(product), { user_ids }, { 'x-request-id': 'same' })
    const member = await addPerson(trusted, 'no_right', testCompany)
    const answers = new Set<string>()
    for (const id of [outsider.id, stranger.id, member.id, 999_999_999]) {
      answers.add((await put([id])).body)
      answers.add((await put([viewerUser.id, id])).body)
    }
    expect([...answers]).toEqual([
      '{"detail":"user_ids refers to something that does not exist","code":"invalid_reference","request_id":"same"}',
    ])
    expect((await as(testUser).get(followersOf(product))).json().total).toBe(0)
    expect((await put([viewerUser.id, adminUser.id, adminUser.id])).statusCode).toBe(204)
    expect((await as(testUser).get(followersOf(product))).json().total).toBe(2)
    for (const body of [{ user_ids: [] }, { user_ids: 'all' }, { user_id: 1 }, { user_ids: Array(101).fill(1) }])
      expect((await as(testUser).put(followersOf(product), body)).statusCode).toBe(422)
  })

  test('are at most a thousand; who writes then is heard, and does not follow', async ({
    as,
    trusted,
    testUser,
    viewerUser,
    testCompany,
    product,
  }) => {
    await trusted(async ({ db }) => {
      const rows = Array.from({ length: 1000 }, (_, n) => ({
        username: `f${n}`,
        email: `f${n}@x.org`,
        password_hash: '',
      }))
      const made = await db.insert(users).values(rows).returning({ user_id: users.id })
      const company_id = testCompany.id
      await db.insert(messageFollowers).values(made.map(({ user_id }) => ({ ...on(product), user_id, company_id })))
    })
    expect((await as(viewerUser).put(followersOf(product))).json()).toMatchObject({ code: 'bad_request' })
    expect((await as(testUser).post('/messages', { ...on(product), body: 'x' })).statusCode).toBe(201)
    expect((await as(testUser).get(followersOf(product))).json().total).toBe(0)
  })
})

test('live clients are told of each change, and of nothing that changes nothing', async ({
  as,
  rowsOf,
  testUser,
  product,
}) => {
  const user = as(testUser)
  const { id } = (await user.post('/messages', { ...on(product), body: 'x', is_internal: true })).json()
  for (let n = 0; n < 2; n++) {
    await user.put(`/messages/${id}/pin`)
    await user.put(`/messages/${id}/reactions/${THUMB}`)
    await user.post(`/messages/${id}/read`)
  }
  for (let n = 0; n < 2; n++) await user.delete(`/messages/${id}/reactions/${THUMB}`)
  await user.patch(`/messages/${id}`, { body: 'y' })
  await user.patch(`/messages/${id}`, {})
  await user.delete(`/messages/${id}`)
  await user.get(threadOf(product))
  const events = await rowsOf('events')
  const told = events.map(({ type, data }) => `${String(type)} ${(data as { action?: string }).action ?? ''}`.trim())
  expect(told).toEqual([
    'message:new',
    'message:updated',
    'message:reaction added',
    'message:reaction removed',
    'message:updated',
    'message:deleted',
  ])
  for (const event of events)
    expect(event).toMatchObject({ ...on(product), is_internal: true, user_id: null, data: { id, ...on(product) } })
})

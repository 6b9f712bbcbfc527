import { eq, sql } from 'drizzle-orm'
import { liveProcesses, presences } from '../../../app/models/index.ts'
import { ProductService } from '../../../app/services/product.ts'
import { apiKeys } from '../../../app/models/index.ts'
import { keyHash, newApiKey } from '../../../app/core/api-keys.ts'
import { describe, expect } from '../../support/fixtures.ts'
import { test } from '../../support/live-fixtures.ts'
import type { Listener } from '../../support/live.ts'
import { addMember } from '../../support/people.ts'

const online = async (listener: Listener) => {
  listener.say({ type: 'presence:list' })
  return (await listener.hear('presence:list')).data['user_ids']
}

describe('who is online', () => {
  test('is told when they come with their first connection and go with their last', async ({
    connect,
    testUser,
    viewerUser,
  }) => {
    const listener = await connect(testUser)
    const first = await connect(viewerUser)
    expect(await listener.hear('user:online')).toMatchObject({ data: { user_id: viewerUser.id }, id: null })
    const second = await connect(viewerUser)
    await second.hear('connection:established')
    await expect.poll(() => online(listener)).toEqual([testUser.id, viewerUser.id].toSorted((a, b) => a - b))
    first.socket.close()
    await first.closed()
    second.socket.close()
    expect(await listener.hear('user:offline')).toMatchObject({ data: { user_id: viewerUser.id } })
    expect(listener.presence).toEqual([])
    await expect.poll(() => online(listener)).toEqual([testUser.id])
  })

  test('is nobody of another company', async ({ connect, trusted, testUser, viewerUser, outsider, otherCompany }) => {
    await addMember(trusted, viewerUser, otherCompany, 'viewer')
    const listener = await connect(testUser)
    const other = await connect(outsider)
    await expect.poll(() => online(other)).toEqual([outsider.id])
    const away = await connect(viewerUser, { query: `?company_id=${otherCompany.id}` })
    expect(await other.hear('user:online')).toMatchObject({ data: { user_id: viewerUser.id } })
    expect(await online(listener)).toEqual([testUser.id])
    away.socket.close()
    await other.hear('user:offline')
    await listener.echo()
    expect(listener.presence).toEqual([])
  })

  test('is no program', async ({ connect, trusted, adminUser, testUser, testCompany }) => {
    const listener = await connect(testUser)
    const key = newApiKey()
    const row = { user_id: adminUser.id, company_id: testCompany.id, name: 'k', permissions: ['product.read'] }
    await trusted(({ db }) => db.insert(apiKeys).values({ ...row, key_hash: keyHash(key) }))
    await (await connect(adminUser, { token: key })).hear('connection:established')
    await expect.poll(() => online(listener)).toEqual([testUser.id])
  })

  test('ends with a process that says nothing any more', async ({
    connect,
    trusted,
    own,
    testUser,
    viewerUser,
    testCompany,
  }) => {
    const listener = await connect(testUser)
    await expect.poll(() => online(listener)).toEqual([testUser.id])
    const [id, company_id] = [crypto.randomUUID(), testCompany.id]
    await trusted(async ({ db }) => {
      await db.insert(liveProcesses).values({ id })
      await db
        .insert(presences)
        .values([viewerUser, testUser].map(({ id: user_id }) => ({ process_id: id, company_id, user_id })))
    })
    await own.live.presence.renew()
    expect(await online(listener)).toHaveLength(2)
    await trusted(({ db }) =>
      db
        .update(liveProcesses)
        .set({ seen_at: sql`now() - interval '31 seconds'` })
        .where(eq(liveProcesses.id, id)),
    )
    await own.live.presence.renew()
    expect(await listener.hear('user:offline')).toMatchObject({ data: { user_id: viewerUser.id } })
    expect(await online(listener)).toEqual([testUser.id])
    expect(listener.presence).toEqual([])
  })

  test('is who they were after this process was taken for dead', async ({ connect, trusted, own, testUser }) => {
    const listener = await connect(testUser)
    await expect.poll(() => online(listener)).toEqual([testUser.id])
    await trusted(({ db }) => db.delete(liveProcesses))
    expect(await online(listener)).toEqual([])
    await own.live.presence.renew()
    await expect.poll(() => online(listener)).toEqual([testUser.id])
  })

  test('is nobody once the server has stopped', async ({ connect, trusted, own, testUser }) => {
    const listener = await connect(testUser)
    await expect.poll(() => online(listener)).toEqual([testUser.id])
    await own.app.close()
    expect(await trusted(({ db }) => db.select().from(liveProcesses))).toEqual([])
    expect(await trusted(({ db }) => db.select().from(presences))).toEqual([])
  })
})

describe('who writes', () => {
  test.for(['typing:start', 'typing:stop'])(
    'is told by %s to others who may read the record, and to nobody else',
    async (type, { connect, workAs, testUser, viewerUser, adminUser, outsider }) => {
      const { id: record_id } = await workAs(testUser, (ctx) =>
        new ProductService(ctx).create({ name: 'a', sku: 'a', price: '1' }),
      )
      const [writer, reader, other] = [await connect(testUser), await connect(viewerUser), await connect(outsider)]
      for (const listener of [writer, reader, other]) await listener.hear('connection:established')
      writer.say({ type, data: { model_name: 'products', record_id } })
      const data = { user_id: testUser.id, model_name: 'products', record_id }
      expect(await reader.hear()).toMatchObject({ type, data, id: null })
      for (const listener of [writer, other]) expect(await listener.echo()).toEqual([])
      expect(adminUser.id).not.toBe(testUser.id)
    },
  )

  test('cannot be said of a record that one may not read: one answer', async ({
    connect,
    workAs,
    testUser,
    outsider,
    viewerUser,
  }) => {
    const theirs = await workAs(outsider, (ctx) => new ProductService(ctx).create({ name: 'a', sku: 'a', price: '1' }))
    const [writer, reader, owner] = [await connect(testUser), await connect(viewerUser), await connect(outsider)]
    for (const listener of [writer, reader, owner]) await listener.hear('connection:established')
    const answers = []
    for (const record_id of [theirs.id, theirs.id + 1]) {
      writer.say({ type: 'typing:start', data: { model_name: 'products', record_id } })
      const { data } = await writer.hear('error')
      answers.push(data)
    }
    expect(answers[0]).toEqual(answers[1])
    expect(answers[0]).toEqual({ code: 'not_found', detail: 'Product not found' })
    writer.say({ type: 'typing:start', data: { model_name: 'users', record_id: testUser.id } })
    expect((await writer.hear('error')).data).toEqual({ code: 'not_found', detail: 'Record not found' })
    for (const listener of [reader, owner]) expect(await listener.echo()).toEqual([])
  })

  test('is a person: a program with their API key is refused', async ({
    connect,
    workAs,
    trusted,
    testUser,
    viewerUser,
  }) => {
    const { id: record_id } = await workAs(testUser, (ctx) =>
      new ProductService(ctx).create({ name: 'a', sku: 'a', price: '1' }),
    )
    const key = newApiKey()
    const row = { user_id: testUser.id, company_id: testUser.company_id!, name: 'k', permissions: ['product.read'] }
    await trusted(({ db }) => db.insert(apiKeys).values({ ...row, key_hash: keyHash(key) }))
    const [program, reader] = [await connect(testUser, { token: key }), await connect(viewerUser)]
    for (const listener of [program, reader]) await listener.hear('connection:established')
    program.say({ type: 'typing:start', data: { model_name: 'products', record_id } })
    expect((await program.hear('error')).data).toMatchObject({ code: 'session_required' })
    expect(await reader.echo()).toEqual([])
  })
})

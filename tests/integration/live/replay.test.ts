import { setImmediate as aTurn } from 'node:timers/promises'
import { type SQL, sql } from 'drizzle-orm'
import { events } from '../../../app/models/index.ts'
import { emit } from '../../../app/services/live/emit.ts'
import { ProductService } from '../../../app/services/product.ts'
import { describe, expect } from '../../support/fixtures.ts'
import { test } from '../../support/live-fixtures.ts'

const note = (company_id: number, n: number) => ({ type: 'notification:new' as const, company_id, data: { n } })
const minutes = (count: number): SQL => sql`((${count}::bigint * 60 * 250000) << 5)`
const since = (id: unknown) => ({ query: `?since=${Number(id)}` })

describe('who comes again', () => {
  test('is told what they have missed, in order, and then what happens', async ({
    connect,
    happen,
    testUser,
    testCompany,
    otherCompany,
  }) => {
    const first = await connect(testUser)
    await first.hear('connection:established')
    await happen(note(testCompany.id, 1))
    const { id } = await first.hear('notification:new')
    first.socket.terminate()
    await happen(note(testCompany.id, 2), note(otherCompany.id, 3))
    await happen(note(testCompany.id, 4))
    const again = await connect(testUser, since(id))
    await again.hear('connection:established')
    await happen(note(testCompany.id, 5))
    expect([await again.hear(), await again.hear(), await again.hear()].map(({ data }) => data['n'])).toEqual([2, 4, 5])
    expect(await again.echo()).toEqual([])
  })

  test('goes on from where the connection was established, if nothing happened then', async ({
    connect,
    happen,
    testUser,
    testCompany,
    otherCompany,
  }) => {
    await happen(note(testCompany.id, 1))
    const first = await connect(testUser)
    const { id } = await first.hear('connection:established')
    first.socket.terminate()
    await happen(note(otherCompany.id, 2), note(testCompany.id, 3))
    const again = await connect(testUser, since(id))
    const established = await again.hear('connection:established')
    expect(await again.hear()).toMatchObject({ data: { n: 3 } })
    expect(await again.echo()).toEqual([])
    const third = await connect(testUser, since(established.id))
    await third.hear('connection:established')
    expect(await third.echo()).toEqual([])
  })

  test('learns nothing of when other companies work', async ({ connect, happen, testUser, otherCompany, trusted }) => {
    await happen(note(otherCompany.id, 1))
    const [theirs] = await trusted(({ db }) => db.select({ id: events.id }).from(events))
    const listener = await connect(testUser)
    const { id } = await listener.hear('connection:established')
    expect(Number(id)).toBeLessThan(theirs!.id)
    // Another company's id is a moment, like any other.
    const again = await connect(testUser, since(theirs!.id))
    await again.hear('connection:established')
    expect(await again.echo()).toEqual([])
  })

  test('misses nothing and hears nothing twice while events come', async ({
    connect,
    trusted,
    testUser,
    testCompany,
  }) => {
    let n = 0
    const enough = new AbortController()
    const write = (async () => {
      for (; !enough.signal.aborted; await aTurn())
        await trusted(({ db }) => emit(db, [note(testCompany.id, ++n), note(testCompany.id, ++n)]))
    })()
    const heard: number[] = []
    let listener = await connect(testUser)
    let { id } = await listener.hear('connection:established')
    for (let round = 0; round < 12; round++) {
      for (let count = 0; count < 5; count++) {
        const told = await listener.hear('notification:new')
        heard.push(Number(told.data['n']))
        id = told.id
      }
      listener.socket.terminate()
      listener = await connect(testUser, since(id))
      await listener.hear('connection:established')
    }
    enough.abort()
    await write
    while (heard.at(-1) !== n) heard.push(Number((await listener.hear('notification:new')).data['n']))
    const [first = 0] = heard
    expect(heard).toEqual(Array.from({ length: n - first + 1 }, (_, at) => first + at))
    expect(await listener.echo()).toEqual([])
  })

  test('is told that it is incomplete, when that is older than 5 minutes, to come, or was never', async ({
    connect,
    happen,
    trusted,
    testUser,
    testCompany,
  }) => {
    await happen(note(testCompany.id, 1), note(testCompany.id, 2), note(testCompany.id, 3))
    await trusted(async ({ db }) => {
      await db
        .update(events)
        .set({ id: sql`id - ${minutes(6)}` })
        .where(sql`data ->> 'n' = '1'`)
      await db
        .update(events)
        .set({ id: sql`id - ${minutes(4)}` })
        .where(sql`data ->> 'n' = '2'`)
    })
    const [old, recent, now] = await trusted(({ db }) => db.select().from(events).orderBy(events.id))
    for (const id of [old!.id, 1, now!.id * 2, Number.MAX_SAFE_INTEGER]) {
      const listener = await connect(testUser, since(id))
      await listener.hear('connection:established')
      expect(await listener.hear()).toMatchObject({
        type: 'replay:incomplete',
        data: { since: id },
        id: expect.any(Number),
      })
      expect(await listener.echo()).toEqual([])
    }
    const listener = await connect(testUser, since(recent!.id))
    await listener.hear('connection:established')
    expect(await listener.hear()).toMatchObject({ data: { n: 3 } })
  })

  test('is told so when more than 1,000 were missed, and all of them when not', async ({
    connect,
    happen,
    testUser,
    testCompany,
  }) => {
    const listener = await connect(testUser)
    const { id } = await listener.hear('connection:established')
    await happen(...Array.from({ length: 1000 }, (_, n) => note(testCompany.id, n)))
    const all = await connect(testUser, since(id))
    await all.hear('connection:established')
    for (let n = 0; n < 1000; n++) expect((await all.hear()).data).toEqual({ n })
    await happen(note(testCompany.id, 1000))
    const incomplete = await connect(testUser, since(id))
    await incomplete.hear('connection:established')
    expect(await incomplete.hear()).toMatchObject({ type: 'replay:incomplete' })
    expect(await incomplete.echo()).toEqual([])
  })

  test('is told of records by what they may read now', async ({
    connect,
    happen,
    workAs,
    testUser,
    viewerUser,
    testCompany,
  }) => {
    const [kept, gone] = await workAs(testUser, async (ctx) => [
      await new ProductService(ctx).create({ name: 'a', sku: 'a', price: '1.00' }),
      await new ProductService(ctx).create({ name: 'b', sku: 'b', price: '1.00' }),
    ])
    const first = await connect(viewerUser)
    const { id } = await first.hear('connection:established')
    const about = (record_id: number, n: number) => ({ ...note(testCompany.id, n), model_name: 'products', record_id })
    await happen(about(gone.id, 1), about(kept.id, 2), { ...about(kept.id, 3), is_internal: true })
    await workAs(testUser, (ctx) => new ProductService(ctx).delete(gone.id))
    const again = await connect(viewerUser, since(id))
    await again.hear('connection:established')
    expect((await again.hear()).data).toEqual({ n: 2 })
    expect(await again.echo()).toEqual([])
  })
})

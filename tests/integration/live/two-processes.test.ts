import { eq, ne, sql } from 'drizzle-orm'
import { liveProcesses, presences, sessions } from '../../../app/models/index.ts'
import { type Context, systemContext } from '../../../app/services/context.ts'
import { emit } from '../../../app/services/live/emit.ts'
import { ProductService } from '../../../app/services/product.ts'
import { logIn } from '../../support/auth-headers.ts'
import { type TestUser, describe, expect, test as base } from '../../support/fixtures.ts'
import { startFleet } from '../../support/fleet.ts'
import { type Listener, dial } from '../../support/live.ts'
import { SERVER_URL } from '../../support/server-databases.ts'
import { workAs } from '../../support/work-as.ts'

const test = base
  .extend('fleet', { scope: 'file' }, async ({}, { onCleanup }) => {
    const fleet = await startFleet(2)
    onCleanup(() => fleet.close())
    return fleet
  })
  .extend('connect', async ({ fleet, settings, testUser, viewerUser, outsider }, { onCleanup }) => {
    const headersOf = await logIn(fleet.engine, settings, [testUser, viewerUser, outsider])
    const open: Listener[] = []
    onCleanup(() => open.forEach(({ socket }) => socket.terminate()))
    return async (user: TestUser, process: 0 | 1) => {
      const token = headersOf(user).authorization.slice('Bearer '.length)
      const listener = await dial({ url: fleet.urls[process]!, token })
      open.push(listener)
      await listener.hear('connection:established')
      return listener
    }
  })
  .extend('trustedThere', ({ fleet, settings }) => <R>(work: (ctx: Context) => Promise<R>): Promise<R> => {
    return systemContext({ engine: fleet.engine, settings, company_id: null }, work)
  })

describe.skipIf(!SERVER_URL)('people on two server processes', () => {
  test('see the same, live, and nobody of another company sees any of it', async ({
    connect,
    fleet,
    settings,
    testUser,
    viewerUser,
    outsider,
    testCompany,
  }) => {
    const [one, two] = [await connect(testUser, 0), await connect(viewerUser, 1)]
    const others = [await connect(outsider, 0), await connect(outsider, 1)]
    expect(await one.hear('user:online')).toMatchObject({ data: { user_id: viewerUser.id } })
    const as = workAs(fleet.engine, settings)
    const product = { name: 'Lamp', sku: crypto.randomUUID(), price: '1.00' }
    const { id: record_id } = await as(testUser, (ctx) => new ProductService(ctx).create(product))
    const about = { company_id: testCompany.id, model_name: 'products', record_id }
    await as(testUser, ({ db }) => emit(db, [{ ...about, type: 'message:new', data: { n: 1 } }]))
    const [first, second] = [await one.hear('message:new'), await two.hear('message:new')]
    expect(first).toEqual(second)
    two.say({ type: 'typing:start', data: { model_name: 'products', record_id } })
    expect(await one.hear('typing:start')).toMatchObject({ data: { user_id: viewerUser.id, record_id } })
    two.socket.terminate()
    expect(await one.hear('user:offline')).toMatchObject({ data: { user_id: viewerUser.id } })
    for (const other of others) {
      expect(await other.echo()).toEqual([])
      expect(other.presence).toEqual([])
    }
  })

  test('lose their connection in every process within 100 ms of their session', async ({
    connect,
    trustedThere,
    viewerUser,
  }) => {
    const both = [await connect(viewerUser, 0), await connect(viewerUser, 1)]
    const times: number[] = []
    await trustedThere(({ db }) =>
      db.update(sessions).set({ revoked_at: new Date().toISOString() }).where(eq(sessions.user_id, viewerUser.id)),
    )
    const committed = performance.now()
    await Promise.all(
      both.map(async (listener) => {
        expect(await listener.closed()).toMatchObject({ code: 4401 })
        times.push(performance.now() - committed)
      }),
    )
    process.stdout.write(`commit to close, 2 processes: ${times.map(Math.round).join(' and ')} ms\n`)
    expect(Math.max(...times)).toBeLessThan(1000) // 100 on a machine that does nothing else
  })

  test('go offline with a process that is killed', async ({ connect, fleet, trustedThere, testUser, viewerUser }) => {
    const watching = await connect(testUser, 0)
    await connect(viewerUser, 1)
    await watching.hear('user:online')
    fleet.kill(1)
    // What half a minute does: the next look of the process that is left finds it.
    await expect
      .poll(
        async () => {
          await trustedThere(async ({ db }) => {
            const [mine] = await db.select().from(presences).where(eq(presences.user_id, testUser.id))
            const left = ne(liveProcesses.id, mine!.process_id)
            await db
              .update(liveProcesses)
              .set({ seen_at: sql`now() - interval '1 minute'` })
              .where(left)
          })
          return watching.presence.map(({ type, data }) => [type, data['user_id']])
        },
        { timeout: 60_000, interval: 500 },
      )
      .toEqual([['user:offline', viewerUser.id]])
  })
})

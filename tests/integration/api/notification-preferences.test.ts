import { eq } from 'drizzle-orm'
import { notify } from '../../../app/services/notifications/notify.ts'
import { jobs, users } from '../../../app/models/index.ts'
import { describe, expect, test } from '../../support/fixtures.ts'

const URL = '/notifications/preferences'

describe('notification preferences', () => {
  test('begin with the defaults, which are those of the columns', async ({ as, testUser, viewerUser }) => {
    const defaults = (await as(testUser).get(URL)).json()
    expect(defaults).toEqual({
      channels: {
        message: { in_app: true, email: false },
        mention: { in_app: true, email: true },
        notification: { in_app: true, email: false },
        activity: { in_app: true, email: false },
      },
      dnd_enabled: false,
      dnd_start: '22:00:00',
      dnd_end: '07:00:00',
      time_zone: 'UTC',
      digest: 'none',
    })
    expect((await as(testUser).put(URL, {})).json()).toEqual(defaults)
    expect((await as(testUser).get(URL)).json()).toEqual(defaults)
    expect((await as(viewerUser).get(URL)).json()).toEqual(defaults)
  })

  test('are changed in part, by whoever they are of alone', async ({ as, testUser, viewerUser }) => {
    await as(testUser).put(URL, { channels: { mention: { in_app: true, email: false } }, digest: 'weekly' })
    const reply = await as(testUser).patch(URL, {
      channels: { message: { in_app: false, email: true } },
      dnd_enabled: true,
      dnd_start: '21:30',
      time_zone: 'America/Argentina/Buenos_Aires',
    })
    expect(reply.json()).toMatchObject({
      channels: { mention: { email: false }, message: { in_app: false, email: true }, activity: { in_app: true } },
      dnd_enabled: true,
      dnd_start: '21:30:00',
      dnd_end: '07:00:00',
      time_zone: 'America/Argentina/Buenos_Aires',
      digest: 'weekly',
    })
    expect((await as(viewerUser).get(URL)).json()).toMatchObject({ digest: 'none', dnd_enabled: false })
  })

  test.for([
    { time_zone: '+01:00' },
    { time_zone: 'Europe/Nowhere' },
    { time_zone: '' },
    { time_zone: `UTC'; --` },
    { dnd_start: '24:00' },
    { dnd_end: '7:00' },
    { digest: 'hourly' },
    { channels: { sms: { in_app: true, email: true } } },
    { channels: { mention: { in_app: true } } },
    { user_id: 1 },
    { digested_at: null },
  ])('refuse %j', async (body, { as, testUser }) => {
    expect((await as(testUser).put(URL, body)).statusCode).toBe(422)
  })

  test.for(['UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'Etc/GMT+5'])(
    'know the zone %s',
    async (time_zone, { as, testUser }) => {
      expect((await as(testUser).put(URL, { time_zone })).json()).toMatchObject({ time_zone })
    },
  )

  test('are for people who are logged in', async ({ as }) => {
    expect((await as().get(URL)).statusCode).toBe(401)
  })
})

describe('what happens to somebody', () => {
  const tell = { title: 'Hello' }

  test('is not in the inbox of who wants none of it there, but in the list and, when urgent, in the inbox', async ({
    as,
    workAs,
    testUser,
    viewerUser,
  }) => {
    await as(viewerUser).put(URL, { channels: { notification: { in_app: false, email: false } } })
    const send = (priority: 'high' | 'urgent') =>
      workAs(testUser, (ctx) => notify(ctx, [{ user_id: viewerUser.id, ...tell, item: { priority } }]))
    await send('high')
    expect((await as(viewerUser).get('/inbox')).json().total).toBe(0)
    expect((await as(viewerUser).get('/notifications')).json().total).toBe(1)
    await send('urgent')
    expect((await as(viewerUser).get('/inbox')).json().total).toBe(1)
  })

  test('is queued as mail for who wants that, in the same transaction', async ({
    as,
    workAs,
    trusted,
    testUser,
    viewerUser,
    adminUser,
  }) => {
    const queued = () => trusted(({ db }) => db.select().from(jobs))
    await as(viewerUser).put(URL, { channels: { notification: { in_app: true, email: true } } })
    const both = [viewerUser, adminUser].map(({ id }) => ({ user_id: id, ...tell }))
    const failing = workAs(testUser, async (ctx) => {
      await notify(ctx, both)
      throw new Error('changed my mind')
    })
    await expect(failing).rejects.toThrow('changed my mind')
    expect(await queued()).toEqual([])
    await workAs(testUser, (ctx) => notify(ctx, both))
    const found = await queued()
    expect(found).toMatchObject([
      { name: 'mail.notification', company_id: testUser.company_id, data: { user_id: viewerUser.id, title: 'Hello' } },
    ])
  })

  test('has none of its text in the queue when it is internal', async ({ workAs, trusted, testUser, adminUser }) => {
    await workAs(testUser, (ctx) =>
      notify(ctx, [{ user_id: adminUser.id, title: 'Hush', item: { item_type: 'mention', is_internal: true } }]),
    )
    const found = await trusted(({ db }) => db.select().from(jobs))
    expect(found).toHaveLength(1)
    expect(JSON.stringify(found)).not.toContain('Hush')
  })

  test('is never mailed to an address that was not confirmed, or is another account’s', async ({
    workAs,
    trusted,
    testUser,
    viewerUser,
    adminUser,
  }) => {
    await trusted(async ({ db }) => {
      await db.update(users).set({ is_verified: false }).where(eq(users.id, viewerUser.id))
      await db.update(users).set({ owns_email: false }).where(eq(users.id, adminUser.id))
    })
    const item = { item_type: 'mention' as const }
    await workAs(testUser, (ctx) =>
      notify(
        ctx,
        [viewerUser, adminUser].map(({ id }) => ({ user_id: id, ...tell, item })),
      ),
    )
    expect(await trusted(({ db }) => db.select().from(jobs))).toEqual([])
  })
})

import { eq } from 'drizzle-orm'
import { activityLogs, users } from '../../../app/models/index.ts'
import type { TestUser } from '../../support/baseline.ts'
import { EventStream } from '../../support/event-stream.ts'
import { describe, expect } from '../../support/fixtures.ts'
import { test as base } from '../../support/live-fixtures.ts'

const test = base.extend('open', ({ own, authHeaders }, { onCleanup }) => {
  const over = new AbortController()
  onCleanup(() => over.abort())
  return async (user: TestUser, query = '', headers: Record<string, string> = {}) => {
    const all = { ...authHeaders(user), ...headers }
    const reply = await fetch(`${own.url}/api/v1/events${query}`, { headers: all, signal: over.signal })
    return { reply, stream: new EventStream(reply.body!) }
  }
})

const note = (company_id: number, n: number) => ({ type: 'notification:new' as const, company_id, data: { n } })

describe('the event stream', () => {
  test('tells the same, and goes on from Last-Event-ID', async ({
    open,
    happen,
    testUser,
    testCompany,
    otherCompany,
  }) => {
    const { reply, stream } = await open(testUser)
    expect(reply.status).toBe(200)
    expect(reply.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(reply.headers.get('x-content-type-options')).toBe('nosniff')
    const established = await stream.next()
    expect(established).toMatchObject({ event: 'connection:established', id: expect.stringMatching(/^\d+$/) })
    await happen(note(otherCompany.id, 0), note(testCompany.id, 1))
    const told = await stream.next()
    expect(told).toMatchObject({ event: 'notification:new' })
    expect(JSON.parse(told!['data']!)).toMatchObject({
      type: 'notification:new',
      data: { n: 1 },
      id: Number(told!['id']),
    })
    const again = await open(testUser, '', { 'last-event-id': established!['id']! })
    await again.stream.next()
    expect(JSON.parse((await again.stream.next())!['data']!)).toMatchObject({ data: { n: 1 } })
    const broken = await open(testUser, '', { 'last-event-id': 'x' })
    await broken.stream.next()
    expect(await broken.stream.next()).toMatchObject({ event: 'replay:incomplete' })
  })

  test('has heartbeats, and ends when access does', async ({ open, own, trusted, viewerUser }) => {
    const { stream } = await open(viewerUser)
    await stream.next()
    own.pass(31_000)
    expect(await stream.next()).toEqual({ '': 'heartbeat' })
    await trusted(({ db }) => db.update(users).set({ is_active: false }).where(eq(users.id, viewerUser.id)))
    expect(await stream.next()).toEqual({ event: 'connection:closed', data: '{"code":4401,"reason":"Log in again"}' })
    expect(await stream.next()).toBeUndefined()
    expect(own.live.clients.size).toBe(0)
  })

  test('does not keep a server from stopping', async ({ open, own, testUser }) => {
    const { stream } = await open(testUser)
    await stream.next()
    await own.app.drain(0)
    expect(await stream.next()).toMatchObject({ event: 'connection:closed' })
    expect(await stream.next()).toBeUndefined()
    await own.app.close()
  })

  test('is refused to who is nobody, in no company or in another', async ({
    open,
    own,
    stranger,
    testUser,
    otherCompany,
  }) => {
    expect((await fetch(`${own.url}/api/v1/events`)).status).toBe(401)
    expect((await open(stranger)).reply.status).toBe(403)
    expect((await open(testUser, `?company_id=${otherCompany.id}`)).reply.status).toBe(403)
    expect((await open(testUser, '?since=x')).reply.status).toBe(422)
    expect((await open(testUser, '?token=x')).reply.status).toBe(422)
  })
})

describe('the activity log', () => {
  test('is told to who may read it, in their company, each entry once', async ({
    connect,
    own,
    trusted,
    adminUser,
    viewerUser,
    outsider,
    testCompany,
    otherCompany,
  }) => {
    const auditor = await connect(adminUser)
    const [viewer, other] = [await connect(viewerUser), await connect(outsider)]
    for (const listener of [auditor, viewer, other]) await listener.hear('connection:established')
    await own.live.activity.look()
    const entry = (company_id: number, action: string) => ({ company_id, action, new_values: { secret: 1 } })
    await trusted(({ db }) =>
      db.insert(activityLogs).values([entry(testCompany.id, 'update'), entry(otherCompany.id, 'delete')]),
    )
    await own.live.activity.look()
    const told = await auditor.hear()
    expect(told).toMatchObject({ type: 'activity:new', data: { action: 'update', id: expect.any(Number) }, id: null })
    expect(told.data).not.toHaveProperty('new_values')
    expect(await other.hear()).toMatchObject({ type: 'activity:new', data: { action: 'delete' } })
    await trusted(({ db }) => db.insert(activityLogs).values(entry(testCompany.id, 'restore')))
    await own.live.activity.look()
    await own.live.activity.look()
    expect(await auditor.hear()).toMatchObject({ data: { action: 'restore' } })
    for (const listener of [auditor, viewer, other]) expect(await listener.echo()).toEqual([])
  })
})

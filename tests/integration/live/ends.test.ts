import { eq } from 'drizzle-orm'
import { sessions, users } from '../../../app/models/index.ts'
import { callerOf } from '../../support/caller.ts'
import { PASSWORD, describe, expect } from '../../support/fixtures.ts'
import { test } from '../../support/live-fixtures.ts'
import { listenOn } from '../../support/live.ts'

const MINUTE = 60_000
const ALLOWED_MS = 100
// For machines that do much else at the same time.
const SLOW = 5

describe('a socket is closed with 4401', () => {
  test.for(['/auth/logout', '/auth/logout-all'])(
    'at %s',
    async (path, { own, connect, authHeaders, viewerUser, testUser }) => {
      const [listener, other] = [await connect(viewerUser), await connect(testUser)]
      await listener.hear('connection:established')
      await other.hear('connection:established')
      const reply = await callerOf(own.app, authHeaders(viewerUser)).post(path)
      const replied = performance.now()
      expect(reply.statusCode).toBe(204)
      expect(await listener.closed()).toMatchObject({ code: 4401 })
      expect(performance.now() - replied).toBeLessThan(SLOW * ALLOWED_MS)
      expect(await other.echo()).toEqual([])
    },
  )

  test('when the password is changed', async ({ own, connect, authHeaders, viewerUser, tokensOf }) => {
    const elsewhere = await connect(viewerUser, { token: await tokensOf(viewerUser) })
    await elsewhere.hear('connection:established')
    const payload = { current_password: PASSWORD, new_password: 'another good long password' }
    const reply = await callerOf(own.app, authHeaders(viewerUser)).post('/auth/change-password', payload)
    expect(reply.statusCode).toBeLessThan(300)
    expect(await elsewhere.closed()).toMatchObject({ code: 4401 })
  })

  test('when the account is switched off, by whatever way', async ({ connect, trusted, viewerUser }) => {
    const listener = await connect(viewerUser)
    await listener.hear('connection:established')
    await trusted(({ db }) => db.update(users).set({ is_active: false }).where(eq(users.id, viewerUser.id)))
    const committed = performance.now()
    expect(await listener.closed()).toEqual({ code: 4401, reason: 'Log in again' })
    expect(performance.now() - committed).toBeLessThan(SLOW * ALLOWED_MS)
  })

  test('when its session alone is ended, and not another of the same user', async ({
    connect,
    trusted,
    own,
    viewerUser,
    tokensOf,
    tokenOf,
  }) => {
    const first = await connect(viewerUser)
    const second = await connect(viewerUser, { token: await tokensOf(viewerUser) })
    await second.hear('connection:established')
    const { sid } = own.app.tokens.verify(tokenOf(viewerUser), 'access')
    await trusted(({ db }) =>
      db.update(sessions).set({ revoked_at: new Date().toISOString() }).where(eq(sessions.id, sid)),
    )
    expect(await first.closed()).toMatchObject({ code: 4401 })
    expect(await second.echo()).toEqual([])
  })

  test('when its token expires, though the session goes on', async ({ connect, own, settings, viewerUser }) => {
    const listener = await connect(viewerUser)
    await listener.hear('connection:established')
    own.pass(settings.ACCESS_TOKEN_EXPIRE_MINUTES * MINUTE + 1000)
    expect(await listener.closed()).toMatchObject({ code: 4401 })
  })
})

describe('heartbeats', () => {
  test('are sent every 30 seconds, and who answers stays', async ({ connect, own, testUser }) => {
    const listener = await connect(testUser)
    await listener.hear('connection:established')
    own.pass(29_000)
    expect(await listener.echo()).toEqual([])
    for (let round = 0; round < 4; round++) {
      own.pass(31_000)
      expect(await listener.hear()).toMatchObject({ type: 'heartbeat', id: null })
      expect(await listener.echo()).toEqual([])
    }
  })

  test('end who says nothing for 60 seconds, half-open connections too', async ({
    connect,
    own,
    testUser,
    viewerUser,
  }) => {
    const silent = await connect(testUser, { autoPong: false })
    const answering = await connect(viewerUser)
    await silent.hear('connection:established')
    own.pass(31_000)
    await silent.hear('heartbeat')
    await answering.hear('heartbeat')
    await answering.echo()
    own.pass(31_000)
    expect(await silent.closed()).toMatchObject({ code: 1006 })
    await answering.hear('heartbeat')
    expect(own.live.clients.size).toBe(1)
    const over = own.lines().filter(({ msg }) => msg === 'live connection disconnected')
    expect(over).toMatchObject([{ user_id: testUser.id, code: 1006, stale: true, connections: 0 }])
  })
})

describe('a server that stops', () => {
  test('says 1001 and does not wait for those who do not answer', async ({ own, connect, testUser, viewerUser }) => {
    const [listener, deaf] = [await connect(testUser), await connect(viewerUser)]
    await listener.hear('connection:established')
    deaf.socket.pause() // never sees the close, so it does not answer it
    const begun = performance.now()
    await own.app.drain(0)
    expect(await listener.closed()).toMatchObject({ code: 1001 })
    await own.app.close()
    expect(performance.now() - begun).toBeLessThan(6000)
    await expect(connect(testUser)).rejects.toThrow()
  })

  test('is free of connections once it is closed', async ({ own, connect, testUser }) => {
    await listenOn(own.app)
    const listener = await connect(testUser)
    await own.app.close()
    expect(await listener.closed()).toMatchObject({ code: 1001 })
    expect(own.live.clients.size).toBe(0)
  })
})

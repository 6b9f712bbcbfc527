import { eq } from 'drizzle-orm'
import { sessions, users } from '../../../app/models/index.ts'
import { SessionService } from '../../../app/services/auth/sessions.ts'
import { bearer, callerOf, logIn } from '../../support/caller.ts'
import { describe, expect, test } from '../../support/fixtures.ts'
import { wholeList } from '../../support/whole-list.ts'

const DAY = 86_400_000
const idOf = (token: string) =>
  (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { sid: string }).sid

describe('one’s sessions', () => {
  test('are listed, the newest first, with the one in use marked', async ({ as, app, stranger }) => {
    const first = await logIn(as(), 'stranger')
    const second = await logIn(as(), 'stranger')
    const own = callerOf(app, bearer(second.access_token))
    const { items } = (await own.get('/auth/sessions')).json<{ items: { id: string; is_current: boolean }[] }>()
    expect(items.slice(0, 2)).toEqual([
      expect.objectContaining({ id: idOf(second.access_token), is_current: true, ip_address: '127.0.0.1' }),
      expect.objectContaining({ id: idOf(first.access_token), is_current: false }),
    ])
    expect(items).toHaveLength(3) // and the one of the fixture
    const { items: all, ...rest } = (await as(stranger).get('/auth/sessions')).json()
    expect({ items: all, ...rest }).toEqual(wholeList(all))
    expect(all).toHaveLength(3)
  })

  test('can be ended one by one: the next request finds it so', async ({ as, app }) => {
    const [mine, lost] = [await logIn(as()), await logIn(as())]
    const [own, other] = [callerOf(app, bearer(mine.access_token)), callerOf(app, bearer(lost.access_token))]
    expect((await other.get('/auth/me')).statusCode).toBe(200)
    expect((await own.delete(`/auth/sessions/${idOf(lost.access_token)}`)).statusCode).toBe(204)
    expect((await other.get('/auth/me')).statusCode).toBe(401)
    expect((await as().post('/auth/refresh', { refresh_token: lost.refresh_token })).statusCode).toBe(401)
    expect((await own.get('/auth/me')).statusCode).toBe(200)
    expect((await own.delete(`/auth/sessions/${idOf(lost.access_token)}`)).statusCode).toBe(404)
  })

  test('can be ended all at once, and nobody else’s', async ({ as, app, viewerUser }) => {
    const [mine, other] = [await logIn(as()), await logIn(as())]
    expect((await callerOf(app, bearer(mine.access_token)).post('/auth/logout-all')).statusCode).toBe(204)
    for (const { access_token } of [mine, other])
      expect((await callerOf(app, bearer(access_token)).get('/auth/me')).statusCode).toBe(401)
    expect((await as(viewerUser).get('/auth/me')).statusCode).toBe(200)
  })

  test('that are another’s are not there', async ({ as, viewerUser }) => {
    const id = idOf((await logIn(as())).access_token)
    const reply = await as(viewerUser).delete(`/auth/sessions/${id}`)
    expect(reply.json()).toMatchObject({ code: 'not_found', detail: 'Session not found' })
  })
})

// What the guard and the check of the password have seen may be over by the time that tokens are made.
describe('what happens meanwhile', () => {
  test('starts no session of who is switched off or deleted', async ({ app, trusted, testUser }) => {
    const service = new SessionService(app.auth)
    expect(await service.start(testUser.id)).toMatchObject({ token_type: 'bearer' })
    for (const off of [{ is_active: false }, { is_deleted: true }]) {
      const state = { is_active: true, is_deleted: false, ...off }
      await trusted(({ db }) => db.update(users).set(state).where(eq(users.id, testUser.id)))
      await expect(service.start(testUser.id)).rejects.toMatchObject({ code: 'invalid_credentials' })
    }
  })

  test('gives a session that has ended no tokens in another company', async ({ app, testUser }) => {
    const service = new SessionService(app.auth)
    const id = idOf((await service.start(testUser.id)).access_token)
    const principal = (await app.principals.ofSession(id))!
    const company_id = testUser.company_id!
    expect(await service.switchCompany(principal, company_id)).toMatchObject({ token_type: 'bearer' })
    await service.end(testUser.id, id)
    await expect(service.switchCompany(principal, company_id)).rejects.toMatchObject({ code: 'not_authenticated' })
  })
})

describe('a session that is refreshed again and again', () => {
  test('ends 90 days after the log-in, and not before', async ({ as, trusted }) => {
    const { access_token, refresh_token } = await logIn(as())
    const isIt = eq(sessions.id, idOf(access_token))
    const ago = (days: number) => new Date(Date.now() - days * DAY).toISOString()
    const age = (days: number) =>
      trusted(({ db }) =>
        db
          .update(sessions)
          .set({ created_at: ago(days) })
          .where(isIt),
      )
    const daysLeft = async () => {
      const [row] = await trusted(({ db }) => db.select().from(sessions).where(isIt))
      return Math.round((Date.parse(row?.expires_at ?? '') - Date.now()) / DAY)
    }
    await age(50)
    const second = await as().post('/auth/refresh', { refresh_token })
    expect(await daysLeft()).toBe(7)
    await age(88)
    const third = await as().post('/auth/refresh', { refresh_token: second.json().refresh_token })
    expect(third.statusCode).toBe(200)
    expect(await daysLeft()).toBe(2)
    await trusted(({ db }) =>
      db
        .update(sessions)
        .set({ expires_at: ago(0) })
        .where(isIt),
    )
    const late = await as().post('/auth/refresh', { refresh_token: third.json().refresh_token })
    expect(late.statusCode).toBe(401)
  })
})

describe('what is kept of tokens', () => {
  test('does not serve as one', async ({ as, trusted }) => {
    const { access_token, refresh_token } = await logIn(as())
    const rows = await trusted(({ db }) => db.select().from(sessions))
    const text = JSON.stringify(rows)
    for (const part of [access_token, refresh_token].flatMap((token) => token.split('.').slice(1)))
      expect(text).not.toContain(part)
  })
})

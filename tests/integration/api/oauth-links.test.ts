import { eq } from 'drizzle-orm'
import { oauthAccounts, passkeys, users } from '../../../app/models/index.ts'
import { type TestUser, describe, expect, test as base } from '../../support/fixtures.ts'
import { wholeList } from '../../support/whole-list.ts'

const test = base.extend('link', ({ trusted }) => {
  return async (user: TestUser, provider = 'google'): Promise<number> => {
    const row = { user_id: user.id, provider, subject: `${user.id}`, email: user.email }
    const [linked] = await trusted(({ db }) => db.insert(oauthAccounts).values(row).returning())
    return linked!.id
  }
})

const withoutPassword = { password_hash: '' }

describe('accounts at providers', () => {
  test('are listed to their owner alone, without the subject', async ({ as, link, viewerUser, testUser }) => {
    const id = await link(viewerUser)
    await link(testUser)
    const reply = await as(viewerUser).get('/auth/oauth-accounts')
    const linked = { id, provider: 'google', email: 'viewer@example.com', created_at: expect.any(String) }
    expect(reply.json()).toEqual(wholeList([linked]))
    expect((await as().get('/auth/oauth-accounts')).statusCode).toBe(401)
  })

  test('are unlinked by their owner alone', async ({ as, link, viewerUser, adminUser }) => {
    const id = await link(viewerUser)
    for (const unknown of [id + 1_000_000, id]) {
      const reply = await as(adminUser).delete(`/auth/oauth-accounts/${unknown}`)
      expect([reply.statusCode, reply.json().detail]).toEqual([404, 'Account not found'])
    }
    expect((await as().delete(`/auth/oauth-accounts/${id}`)).statusCode).toBe(401)
    expect((await as(viewerUser).delete(`/auth/oauth-accounts/${id}`)).statusCode).toBe(204)
    expect((await as(viewerUser).get('/auth/oauth-accounts')).json()).toEqual(wholeList([]))
  })

  test('are kept where one is the last way to log in', async ({ as, link, trusted, viewerUser }) => {
    const [first, second] = [await link(viewerUser), await link(viewerUser, 'github')]
    await trusted(({ db }) => db.update(users).set(withoutPassword).where(eq(users.id, viewerUser.id)))
    const remove = (id: number) => as(viewerUser).delete(`/auth/oauth-accounts/${id}`)
    expect((await remove(first)).statusCode).toBe(204)
    const last = await remove(second)
    expect([last.statusCode, last.json().code]).toEqual([400, 'bad_request'])
    expect((await as(viewerUser).get('/auth/oauth-accounts')).json().items).toHaveLength(1)
    const passkey = { user_id: viewerUser.id, name: 'Phone', credential_id: 'c', public_key: 'k', counter: 0 }
    await trusted(({ db }) => db.insert(passkeys).values(passkey))
    expect((await remove(second)).statusCode).toBe(204)
  })

  test('are not both unlinked by two requests at once', async ({ as, link, trusted, viewerUser }) => {
    const ids = [await link(viewerUser), await link(viewerUser, 'github')]
    await trusted(({ db }) => db.update(users).set(withoutPassword).where(eq(users.id, viewerUser.id)))
    const replies = await Promise.all(ids.map((id) => as(viewerUser).delete(`/auth/oauth-accounts/${id}`)))
    expect(new Set(replies.map((reply) => reply.statusCode))).toEqual(new Set([204, 400]))
  })
})

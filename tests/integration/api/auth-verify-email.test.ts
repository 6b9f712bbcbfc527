import { eq } from 'drizzle-orm'
import { oneTimeTokens, users } from '../../../app/models/index.ts'
import { type Caller, callerOf } from '../../support/caller.ts'
import { describe, expect, test as base } from '../../support/fixtures.ts'
import { mailServer } from '../../support/mail-server.ts'
import { ownApp } from '../../support/own-app.ts'
import { testSettings } from '../../support/settings.ts'

const MANAGER = 'manager@example.com'
const PAST = new Date(Date.now() - 1000).toISOString()
const verify = (caller: Caller, token: string) => caller.post('/auth/verify-email', { token })

type Change = Partial<typeof users.$inferInsert>
/** Changes a user's row; a user's row now. */
const test = base
  .extend('change', ({ trusted }) => (user: { id: number }, changes: Change) => {
    return trusted(({ db }) => db.update(users).set(changes).where(eq(users.id, user.id)))
  })
  .extend('rowOf', ({ trusted }) => async ({ id }: { id: number }) => {
    const [row] = await trusted(({ db }) => db.select().from(users).where(eq(users.id, id)))
    return row
  })

/** The token of a link that the manager, not verified, asked for. */
const withToken = test.extend('token', async ({ as, change, mailsTo, testUser }) => {
  await change(testUser, { is_verified: false })
  await as(testUser).post('/auth/verify-email/send')
  return (await mailsTo(MANAGER))[0]?.token ?? ''
})

test('an address is verified by a link that a mail server delivers', async ({
  engine,
  authHeaders,
  testUser,
  change,
  rowOf,
}) => {
  await using server = await mailServer()
  await change(testUser, { is_verified: false })
  const settings = testSettings({ SMTP_URL: server.url, FRONTEND_URL: 'https://app.example.com' })
  await using own = await ownApp({ engine, settings })
  expect((await callerOf(own.app, authHeaders(testUser)).post('/auth/verify-email/send')).statusCode).toBe(202)
  await own.app.auth.background.settled()
  const [mail] = server.deliveries
  expect(mail).toMatchObject({ recipients: [MANAGER], subject: 'Confirm your e-mail address' })
  expect(mail?.text).toContain(`https://app.example.com/verify-email?token=${mail?.token}\n`)
  expect((await verify(callerOf(own.app), mail?.token ?? '')).statusCode).toBe(204)
  expect(await rowOf(testUser)).toMatchObject({ is_verified: true, owns_email: true })
})

test('a mail server that is not there changes no answer, and is told in the log', async ({ engine, settings }) => {
  const own = testSettings({ SMTP_URL: 'smtp://127.0.0.1:1' })
  await using second = await ownApp({ engine, settings: { ...own, OUTBOX: settings.OUTBOX } })
  expect((await callerOf(second.app).post('/auth/forgot-password', { email: MANAGER })).statusCode).toBe(202)
  await second.app.auth.background.settled()
  const line = second.lines().find(({ msg }) => msg === 'background work failed')
  expect(line).toBeDefined()
  expect(JSON.stringify(second.lines())).not.toContain('token=')
})

describe('asking for a link', () => {
  test('sends one mail a minute', async ({ as, change, testUser, mailsTo }) => {
    await change(testUser, { is_verified: false })
    await Promise.all([1, 2, 3].map(() => as(testUser).post('/auth/verify-email/send')))
    expect(await mailsTo(MANAGER)).toHaveLength(1)
  })

  test('sends none where nothing is left to verify, with the same answer', async ({
    as,
    change,
    testUser,
    viewerUser,
    mailsTo,
  }) => {
    await change(viewerUser, { is_verified: false })
    const replies = [
      await as(testUser).post('/auth/verify-email/send'),
      await as(viewerUser).post('/auth/verify-email/send'),
    ]
    expect(new Set(replies.map(({ body }) => body)).size).toBe(1)
    expect(await mailsTo(MANAGER)).toEqual([])
    expect(await mailsTo(viewerUser.email)).toHaveLength(1)
  })

  test('is for who is logged in', async ({ as }) => {
    expect((await as().post('/auth/verify-email/send')).statusCode).toBe(401)
  })
})

describe('a link', () => {
  withToken('is good once, also for two at the same moment', async ({ as, token, rowOf, testUser }) => {
    const replies = await Promise.all([verify(as(), token), verify(as(), token)])
    expect(new Set(replies.map(({ statusCode }) => statusCode))).toEqual(new Set([204, 400]))
    expect((await verify(as(), token)).json().code).toBe('invalid_link')
    expect(await rowOf(testUser)).toMatchObject({ is_verified: true })
  })

  withToken('is worthless when it has expired', async ({ as, trusted, token, rowOf, testUser }) => {
    await trusted(({ db }) => db.update(oneTimeTokens).set({ expires_at: PAST }))
    expect((await verify(as(), token)).json().code).toBe('invalid_link')
    expect(await rowOf(testUser)).toMatchObject({ is_verified: false })
  })

  withToken('is good for seven days', async ({ trusted, token: _ }) => {
    const purpose = eq(oneTimeTokens.purpose, 'email_verification')
    const [row] = await trusted(({ db }) => db.select().from(oneTimeTokens).where(purpose))
    expect(Math.abs(Date.parse(row?.expires_at ?? '') - Date.now() - 7 * 86_400_000)).toBeLessThan(60_000)
  })

  withToken('is worthless once the address has changed', async ({ as, token, change, rowOf, testUser }) => {
    await change(testUser, { email: 'new@example.com' })
    expect((await verify(as(), token)).json().code).toBe('invalid_link')
    expect(await rowOf(testUser)).toMatchObject({ is_verified: false })
    await change(testUser, { email: MANAGER })
    expect((await verify(as(), token)).statusCode).toBe(204)
  })

  withToken('is worthless for an account that is switched off', async ({ as, token, change, testUser }) => {
    await change(testUser, { is_active: false })
    expect((await verify(as(), token)).json().code).toBe('invalid_link')
  })

  withToken('sets no password', async ({ as, token }) => {
    const reply = await as().post('/auth/reset-password', { token, new_password: 'a wholly new secret' })
    expect(reply.json().code).toBe('invalid_link')
  })

  test.for([
    ['a megabyte', { token: 'x'.repeat(1e6) }],
    ['NUL', { token: 'a\0' }],
    ['nothing', {}],
    ['another type', { token: 1 }],
  ] as const)('refuses %s', async ([, body], { as }) => {
    const reply = await as().post('/auth/verify-email', body)
    expect(reply.statusCode).toBe(422)
    expect(reply.json().detail[0].loc).toEqual(['body', 'token'])
  })
})

describe('an address that another account owns', () => {
  const verifyAs = withToken.extend(
    'verifyLate',
    async ({ change, token, as, testUser }) =>
      async (owner: { id: number }, of: Change) => {
        // The mail is on its way; then somebody else is found to own the address.
        await change(testUser, { owns_email: false })
        await change(owner, { email: 'Manager@example.com', ...of })
        return (await verify(as(), token)).statusCode
      },
  )

  verifyAs(
    'goes to who has verified it, if the owner never did',
    async ({ verifyLate, rowOf, testUser, viewerUser }) => {
      expect(await verifyLate(viewerUser, { is_verified: false })).toBe(204)
      expect(await rowOf(testUser)).toMatchObject({ is_verified: true, owns_email: true })
      expect(await rowOf(viewerUser)).toMatchObject({
        is_verified: false,
        owns_email: false,
        email: 'Manager@example.com',
      })
    },
  )

  verifyAs(
    'goes to who has verified it, if the owner is deleted',
    async ({ verifyLate, rowOf, testUser, viewerUser }) => {
      expect(await verifyLate(viewerUser, { is_verified: true, is_deleted: true })).toBe(204)
      expect(await rowOf(testUser)).toMatchObject({ owns_email: true })
      expect(await rowOf(viewerUser)).toMatchObject({ owns_email: false })
    },
  )

  verifyAs('stays with an owner who has verified it', async ({ verifyLate, rowOf, testUser, viewerUser }) => {
    expect(await verifyLate(viewerUser, { is_verified: true })).toBe(204)
    expect(await rowOf(testUser)).toMatchObject({ is_verified: true, owns_email: false })
    expect(await rowOf(viewerUser)).toMatchObject({ owns_email: true })
  })

  test('goes to the first of two who verify it at once', async ({
    as,
    change,
    mailsTo,
    rowOf,
    testUser,
    viewerUser,
  }) => {
    await change(testUser, { is_verified: false, owns_email: false, email: 'one@example.com' })
    await change(viewerUser, { is_verified: false, owns_email: false, email: 'ONE@example.com' })
    await as(testUser).post('/auth/verify-email/send')
    await as(viewerUser).post('/auth/verify-email/send')
    const links = [...(await mailsTo('one@example.com')), ...(await mailsTo('ONE@example.com'))]
    const replies = await Promise.all(links.map(({ token }) => verify(as(), token)))
    expect(replies.map(({ statusCode }) => statusCode)).toEqual([204, 204])
    const rows = [await rowOf(testUser), await rowOf(viewerUser)]
    expect(rows.filter((row) => row?.owns_email)).toHaveLength(1)
    expect(rows.filter((row) => row?.is_verified)).toHaveLength(2)
  })
})

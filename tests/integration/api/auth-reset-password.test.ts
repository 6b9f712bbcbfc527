import { eq } from 'drizzle-orm'
import { oneTimeTokens, totpSecrets, users } from '../../../app/models/index.ts'
import { type Caller, callerOf } from '../../support/caller.ts'
import { PASSWORD, describe, expect, test } from '../../support/fixtures.ts'
import { mailServer } from '../../support/mail-server.ts'
import { ownApp } from '../../support/own-app.ts'
import { testSettings } from '../../support/settings.ts'

const NEW = 'a wholly new secret'
const MANAGER = 'manager@example.com'
const PAST = new Date(Date.now() - 1000).toISOString()
const forgot = (caller: Caller, email = MANAGER) => caller.post('/auth/forgot-password', { email })
const reset = (caller: Caller, token: string, new_password = NEW) =>
  caller.post('/auth/reset-password', { token, new_password })
const logIn = async (caller: Caller, password = NEW, username = 'manager') =>
  (await caller.post('/auth/login', { username, password })).statusCode

/** The token of a link that the manager asked for. */
const withToken = test.extend('token', async ({ as, mailsTo }) => {
  await forgot(as())
  return (await mailsTo(MANAGER))[0]?.token ?? ''
})

test('a forgotten password is replaced by a link that a mail server delivers', async ({ engine, settings }) => {
  await using server = await mailServer()
  const own = testSettings({ SMTP_URL: server.url, FRONTEND_URL: 'https://app.example.com/' })
  await using second = await ownApp({ engine, settings: { ...own, OUTBOX: settings.OUTBOX } })
  const caller = callerOf(second.app)
  expect((await forgot(caller, 'MANAGER@example.com')).statusCode).toBe(202)
  await second.app.auth.background.settled()
  expect(server.deliveries).toHaveLength(1)
  const [mail] = server.deliveries
  expect(mail).toMatchObject({ recipients: [MANAGER], to: MANAGER, subject: 'Set a new password' })
  expect(mail?.text).toContain(`https://app.example.com/reset-password?token=${mail?.token}\n`)
  expect((await reset(caller, mail?.token ?? '')).statusCode).toBe(204)
  expect([await logIn(caller), await logIn(caller, PASSWORD)]).toEqual([200, 401])
})

describe('asking for a link', () => {
  test('has the same answer whether the address is known or not, byte by byte', async ({ as, trusted, viewerUser }) => {
    await trusted(({ db }) => db.update(users).set({ is_active: false }).where(eq(users.id, viewerUser.id)))
    const replies = [await forgot(as()), await forgot(as(), 'nobody@example.com'), await forgot(as(), viewerUser.email)]
    expect(replies.map(({ statusCode }) => statusCode)).toEqual([202, 202, 202])
    expect(new Set(replies.map(({ body }) => body)).size).toBe(1)
    const names = replies.map(({ headers }) => Object.keys(headers).join())
    expect(new Set(names).size).toBe(1)
  })

  test('mails only who is known, and active', async ({ as, trusted, mailsTo, viewerUser, outsider }) => {
    await trusted(async ({ db }) => {
      await db.update(users).set({ is_active: false }).where(eq(users.id, viewerUser.id))
      await db.update(users).set({ is_deleted: true }).where(eq(users.id, outsider.id))
    })
    for (const email of ['nobody@example.com', viewerUser.email, outsider.email, MANAGER]) await forgot(as(), email)
    const counts = [viewerUser.email, outsider.email, 'nobody@example.com', MANAGER].map(async (address) => {
      return (await mailsTo(address)).length
    })
    expect(await Promise.all(counts)).toEqual([0, 0, 0, 1])
  })

  test('mails one account once a minute, however many ask at once', async ({ as, trusted, mailsTo }) => {
    await Promise.all([1, 2, 3, 4].map(() => forgot(as())))
    await forgot(as())
    expect(await mailsTo(MANAGER)).toHaveLength(1)
    await trusted(({ db }) =>
      db.update(oneTimeTokens).set({ expires_at: PAST }).where(eq(oneTimeTokens.purpose, 'mail_pause')),
    )
    await forgot(as())
    expect(await mailsTo(MANAGER)).toHaveLength(2)
  })

  test('again makes the older link worthless', async ({ as, trusted, mailsTo }) => {
    await forgot(as())
    await mailsTo(MANAGER)
    await trusted(({ db }) => db.delete(oneTimeTokens).where(eq(oneTimeTokens.purpose, 'mail_pause')))
    await forgot(as())
    const [first, second] = await mailsTo(MANAGER)
    expect((await reset(as(), first?.token ?? '')).json().code).toBe('invalid_link')
    expect((await reset(as(), second?.token ?? '')).statusCode).toBe(204)
  })

  test('mails each account that has the address, each with a link of its own', async ({
    as,
    trusted,
    mailsTo,
    viewerUser,
    testUser,
  }) => {
    const changes = { email: 'MANAGER@example.com', owns_email: false }
    await trusted(({ db }) => db.update(users).set(changes).where(eq(users.id, viewerUser.id)))
    await forgot(as())
    const [owner] = await mailsTo(MANAGER)
    const [other] = await mailsTo('MANAGER@example.com') // the account's own spelling, not the one that was typed
    expect(owner?.text).toContain('account manager\n')
    expect(other?.text).toContain('account viewer\n')
    expect(other?.text).not.toContain(testUser.username)
    expect((await reset(as(), other?.token ?? '')).statusCode).toBe(204)
    expect([await logIn(as(), NEW, 'viewer'), await logIn(as(), PASSWORD)]).toEqual([200, 200])
  })

  test('cannot add to the mail’s header by what a user is called', async ({ as, trusted, mailsTo, testUser }) => {
    const full_name = 'Eve\r\nBcc: eve@example.com\r\n\r\nClick here'
    const changes = { full_name, username: 'ed\r\nBcc: eve@example.com' }
    await trusted(({ db }) => db.update(users).set(changes).where(eq(users.id, testUser.id)))
    await forgot(as())
    const [mail] = await mailsTo(MANAGER)
    expect(mail?.headers.filter((line) => /^(bcc|cc|to):/i.test(line))).toEqual([`To: ${MANAGER}`])
    expect(mail?.text).not.toContain('Click here')
  })

  test.for([
    ['no address', { email: 'manager' }],
    ['a megabyte', { email: `${'x'.repeat(1e6)}@example.com` }],
    ['NUL', { email: 'edi\0tor@example.com' }],
    ['a line break', { email: 'manager@example.com\r\nBcc: eve@example.com' }],
    ['two addresses', { email: 'manager@example.com, eve@example.com' }],
    ['a list', { email: [MANAGER] }],
  ] as const)('refuses %s', async ([, body], { as }) => {
    const reply = await as().post('/auth/forgot-password', body)
    expect(reply.statusCode).toBe(422)
    expect(reply.json().detail[0].loc).toEqual(['body', 'email'])
  })
})

describe('a link', () => {
  withToken('ends all sessions and lifts the lock, and logs nobody in', async ({ as, token, testUser }) => {
    for (let i = 0; i < 5; i++) await logIn(as(), 'wrong')
    expect((await as(testUser).get('/auth/me')).statusCode).toBe(200)
    const reply = await reset(as(), token)
    expect({ status: reply.statusCode, body: reply.body }).toEqual({ status: 204, body: '' })
    await expect
      .poll(async () => (await as(testUser).get('/auth/me')).statusCode, { timeout: 1000, interval: 5 })
      .toBe(401)
    expect(await logIn(as())).toBe(200)
  })

  withToken('does not lift the lock that guards a second factor', async ({ as, trusted, token, testUser }) => {
    const locked = { failed_login_attempts: 5, locked_until: new Date(Date.now() + 60_000).toISOString() }
    await trusted(async ({ db }) => {
      await db.insert(totpSecrets).values({ user_id: testUser.id, secret: 'sealed', enabled_at: PAST })
      await db.update(users).set(locked).where(eq(users.id, testUser.id))
    })
    expect((await reset(as(), token)).statusCode).toBe(204)
    const [row] = await trusted(({ db }) => db.select().from(users).where(eq(users.id, testUser.id)))
    expect(row).toMatchObject(locked)
    const logInReply = await as().post('/auth/login', { username: 'manager', password: NEW })
    expect(logInReply.json().code).toBe('account_locked')
  })

  withToken('is good once', async ({ as, token }) => {
    expect((await reset(as(), token)).statusCode).toBe(204)
    const reply = await reset(as(), token, 'another new secret')
    expect([reply.statusCode, reply.json().code]).toEqual([400, 'invalid_link'])
    expect(await logIn(as())).toBe(200)
  })

  withToken('is good once for two at the same moment', async ({ as, token }) => {
    const passwords = ['the first new secret', 'the second new secret']
    const replies = await Promise.all(passwords.map((password) => reset(as(), token, password)))
    expect(new Set(replies.map(({ statusCode }) => statusCode))).toEqual(new Set([204, 400]))
    const statuses = await Promise.all(passwords.map((password) => logIn(as(), password)))
    expect(statuses).toEqual(replies.map(({ statusCode }) => (statusCode === 204 ? 200 : 401)))
  })

  withToken('is not used up by a password that will not do', async ({ as, token }) => {
    const reply = await reset(as(), token, 'Manager')
    expect(reply.statusCode).toBe(422)
    expect(reply.json().detail).toEqual([
      { loc: ['body', 'new_password'], msg: 'must have at least 8 characters', type: 'weak_password' },
      { loc: ['body', 'new_password'], msg: "must not be the user's own name or e-mail", type: 'weak_password' },
    ])
    expect((await reset(as(), token)).statusCode).toBe(204)
  })

  withToken('is worthless when it has expired', async ({ as, trusted, token }) => {
    await trusted(({ db }) => db.update(oneTimeTokens).set({ expires_at: PAST }))
    expect((await reset(as(), token)).json().code).toBe('invalid_link')
    expect(await logIn(as(), PASSWORD)).toBe(200)
  })

  const CHANGES = {
    'has another address': { email: 'new@example.com' },
    'is switched off': { is_active: false },
    'is deleted': { is_deleted: true },
  }
  for (const [what, change] of Object.entries(CHANGES))
    withToken(`is worthless when the account ${what}`, async ({ as, trusted, token, testUser }) => {
      await trusted(({ db }) => db.update(users).set(change).where(eq(users.id, testUser.id)))
      const reply = await reset(as(), token)
      expect([reply.statusCode, reply.json().code]).toEqual([400, 'invalid_link'])
    })

  withToken('is worthless once the password was changed otherwise', async ({ as, token, testUser }) => {
    const change = { current_password: PASSWORD, new_password: 'changed in the meantime' }
    expect((await as(testUser).post('/auth/change-password', change)).statusCode).toBe(200)
    expect((await reset(as(), token)).json().code).toBe('invalid_link')
  })

  withToken('of one purpose is good for no other', async ({ as, trusted, token }) => {
    expect((await as().post('/auth/verify-email', { token })).json().code).toBe('invalid_link')
    await trusted(({ db }) => db.update(oneTimeTokens).set({ purpose: 'email_verification' }))
    expect((await reset(as(), token)).json().code).toBe('invalid_link')
    expect((await reset(as(), 'password_reset for 3')).json().code).toBe('invalid_link')
  })

  for (const owns_email of [true, false])
    withToken(
      `verifies the address if the account owns it: ${owns_email}`,
      async ({ as, trusted, token, testUser }) => {
        await trusted(({ db }) =>
          db.update(users).set({ is_verified: false, owns_email }).where(eq(users.id, testUser.id)),
        )
        expect((await reset(as(), token)).statusCode).toBe(204)
        const [row] = await trusted(({ db }) => db.select().from(users).where(eq(users.id, testUser.id)))
        expect(row).toMatchObject({ is_verified: owns_email, owns_email })
      },
    )

  test.for([
    ['a megabyte', { token: 'x'.repeat(1e6), new_password: 'x'.repeat(1e6) }, ['token', 'new_password']],
    ['NUL', { token: '\0', new_password: '\0' }, ['token', 'new_password']],
    ['nothing', {}, ['token', 'new_password']],
  ] as const)('refuses %s', async ([, body, fields], { as }) => {
    const reply = await as().post('/auth/reset-password', body)
    expect(reply.statusCode).toBe(422)
    expect(reply.json().detail.map(({ loc }: { loc: string[] }) => loc.at(-1))).toEqual(fields)
  })
})

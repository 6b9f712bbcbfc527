import { asc, eq } from 'drizzle-orm'
import { oneTimeTokens, users } from '../../../app/models/index.ts'
import { type Caller, callerOf } from '../../support/caller.ts'
import { PASSWORD, describe, expect, test as base } from '../../support/fixtures.ts'
import { ownApp } from '../../support/own-app.ts'
import { testSettings } from '../../support/settings.ts'

const SECRET = 'a wholly new secret'
const JANE = { email: 'jane@example.com', username: 'jane', password: SECRET, full_name: 'Jane Doe' }
const PAST = new Date(Date.now() - 1000).toISOString()
const verify = (visitor: Caller, token = '') => visitor.post('/auth/verify-email', { token })

/** An app where people may register, its visitor without a user, and what came of it. */
const test = base
  .extend('open', async ({ engine }, { onCleanup }) => {
    const own = await ownApp({ engine, settings: testSettings({ REGISTRATION_ENABLED: 'true' }) })
    onCleanup(() => own[Symbol.asyncDispose]())
    return own.app
  })
  .extend('visitor', ({ open }) => callerOf(open))
  .extend(
    'register',
    ({ visitor }) =>
      (changes: object = {}) =>
        visitor.post('/auth/register', { ...JANE, ...changes }),
  )
  .extend(
    'mails',
    ({ mailsTo, open }) =>
      (address = JANE.email) =>
        mailsTo(address, open),
  )
  .extend(
    'people',
    ({ trusted }) =>
      () =>
        trusted(({ db }) => db.select().from(users).orderBy(asc(users.id))),
  )
  .extend('logIn', ({ visitor }) => async (username: string, password = SECRET) => {
    return (await visitor.post('/auth/login', { username, password })).statusCode
  })

describe('registration', () => {
  test('is not there unless it is enabled', async ({ as }) => {
    for (const body of [JANE, {}, { nonsense: true }]) {
      const reply = await as().post('/auth/register', body)
      expect([reply.statusCode, reply.json().code]).toEqual([404, 'not_found'])
    }
  })

  test('makes an account that works once its address is verified, in no company', async ({
    register,
    mails,
    visitor,
    people,
    logIn,
  }) => {
    const before = (await people()).length
    expect((await register()).statusCode).toBe(202)
    const [mail] = await mails()
    expect(mail?.subject).toBe('Confirm your registration')
    expect([await logIn('jane'), await logIn(JANE.email)]).toEqual([401, 401])
    expect((await people()).length).toBe(before)
    expect((await verify(visitor, mail?.token)).statusCode).toBe(204)
    const reply = await visitor.post('/auth/login', { username: 'jane', password: SECRET })
    expect(reply.json()).toMatchObject({
      companies: [],
      permissions: [],
      user: { is_verified: true, is_superuser: false },
    })
    expect((await people()).at(-1)).toMatchObject({
      email: JANE.email,
      full_name: 'Jane Doe',
      owns_email: true,
      owns_username: true,
      is_superuser: false,
    })
  })

  test('has the same answer whether the names are free or taken, byte by byte', async ({ register }) => {
    const replies = [
      await register(),
      await register({ email: 'manager@example.com' }),
      await register({ username: 'manager' }),
      await register({ email: 'manager@example.com', username: 'MANAGER' }),
    ]
    expect(replies.map(({ statusCode }) => statusCode)).toEqual([202, 202, 202, 202])
    expect(new Set(replies.map(({ body }) => body)).size).toBe(1)
  })

  test('with the verified address of somebody writes to them, and nothing else', async ({
    register,
    mails,
    people,
    logIn,
    visitor,
  }) => {
    const before = await people()
    await register({ email: 'Manager@example.com' })
    const [mail, ...more] = await mails('manager@example.com')
    expect(mail?.subject).toBe('You already have an account')
    expect(more).toEqual([])
    expect(await mails('Manager@example.com')).toEqual([])
    expect((await verify(visitor, mail?.token)).json().code).toBe('invalid_link')
    expect(await people()).toEqual(before)
    expect([await logIn('manager'), await logIn('manager', PASSWORD)]).toEqual([401, 200])
  })

  test('mails one address once a minute', async ({ register, mails }) => {
    await Promise.all(['one', 'two', 'three'].map((name) => register({ username: name, email: 'Jane@example.com' })))
    await register({ username: 'four' })
    await Promise.all([1, 2].map(() => register({ email: 'manager@example.com' })))
    expect([...(await mails()), ...(await mails('Jane@example.com'))]).toHaveLength(1)
    expect(await mails('manager@example.com')).toHaveLength(1)
  })

  test('under a taken username is had without owning it, each log-in by its own password', async ({
    register,
    mails,
    visitor,
    people,
  }) => {
    await register({ username: 'Manager' })
    await verify(visitor, (await mails())[0]?.token)
    expect((await people()).at(-1)).toMatchObject({ username: 'Manager', owns_username: false, owns_email: true })
    const who = async (password: string) =>
      (await visitor.post('/auth/login', { username: 'manager', password })).json().user.username
    expect([await who(SECRET), await who(PASSWORD)]).toEqual(['Manager', 'manager'])
  })

  test('takes the address over from an account that was never verified', async ({
    register,
    mails,
    visitor,
    people,
    trusted,
    testUser,
    logIn,
  }) => {
    await trusted(({ db }) => db.update(users).set({ is_verified: false }).where(eq(users.id, testUser.id)))
    await register({ email: 'manager@example.com' })
    const owners = async () => (await people()).filter((row) => row.owns_email && row.email === 'manager@example.com')
    expect(await owners()).toMatchObject([{ username: 'manager' }])
    await verify(visitor, (await mails('manager@example.com'))[0]?.token)
    expect(await owners()).toMatchObject([{ username: 'jane' }])
    expect([await logIn('manager@example.com'), await logIn('manager@example.com', PASSWORD)]).toEqual([200, 200])
  })

  test('of one address by two gives it to the first who verifies it', async ({
    register,
    mails,
    visitor,
    trusted,
    logIn,
    people,
  }) => {
    const before = (await people()).length
    await register({ username: 'first' })
    await mails()
    await trusted(({ db }) => db.delete(oneTimeTokens).where(eq(oneTimeTokens.purpose, 'mail_pause')))
    await register({ username: 'second', password: 'the second new secret' })
    const links = await mails()
    expect(links.map(({ text }) => /registered as (\w+)/.exec(text)?.[1])).toEqual(['first', 'second'])
    const replies = await Promise.all(links.map(({ token }) => verify(visitor, token)))
    expect(new Set(replies.map(({ statusCode }) => statusCode))).toEqual(new Set([204, 400]))
    expect((await people()).length).toBe(before + 1)
    expect(new Set([await logIn('first'), await logIn('second', 'the second new secret')])).toEqual(new Set([200, 401]))
  })
})

describe('the link of a registration', () => {
  const withToken = test.extend('token', async ({ register, mails }) => {
    await register()
    return (await mails())[0]?.token
  })

  withToken('is good once, also for two at the same moment', async ({ visitor, token, people }) => {
    const before = (await people()).length
    const replies = await Promise.all([verify(visitor, token), verify(visitor, token)])
    expect(new Set(replies.map(({ statusCode }) => statusCode))).toEqual(new Set([204, 400]))
    expect((await people()).length).toBe(before + 1)
  })

  withToken('is worthless when it has expired', async ({ visitor, token, trusted, logIn }) => {
    await trusted(({ db }) => db.update(oneTimeTokens).set({ expires_at: PAST }))
    expect((await verify(visitor, token)).json().code).toBe('invalid_link')
    expect(await logIn('jane')).toBe(401)
  })

  withToken('is worthless where registration was switched off since', async ({ as, visitor, token }) => {
    expect((await verify(as(), token)).json().code).toBe('invalid_link')
    expect((await verify(visitor, token)).statusCode).toBe(204)
  })

  withToken('sets no password', async ({ visitor, token }) => {
    const reply = await visitor.post('/auth/reset-password', { token, new_password: SECRET })
    expect(reply.json().code).toBe('invalid_link')
  })
})

describe('a registration is refused with', () => {
  test('a weak password, whose faults are all told', async ({ register, mails }) => {
    const reply = await register({ username: 'abc', password: 'ABC' })
    expect(reply.statusCode).toBe(422)
    expect(reply.json().detail).toEqual([
      { loc: ['body', 'password'], msg: 'must have at least 8 characters', type: 'weak_password' },
      { loc: ['body', 'password'], msg: "must not be the user's own name or e-mail", type: 'weak_password' },
    ])
    expect(await mails()).toEqual([])
  })

  test.for([
    ['a full name of two lines', { full_name: 'Jane\r\nBcc: eve@example.com' }, ['full_name']],
    ['a full name that is too long', { full_name: 'x'.repeat(256) }, ['full_name']],
    ['an address of two lines', { email: 'jane@example.com\r\nBcc: eve@example.com' }, ['email']],
    ['an address that is too long', { email: `${'x'.repeat(250)}@example.com` }, ['email']],
    ['a username like an address', { username: 'jane@example.com' }, ['username']],
    ['NUL', { username: 'ja\0ne', password: '\0', email: '\0' }, ['email', 'password', 'username']],
    ['megabytes', { username: 'x'.repeat(1e6), password: 'x'.repeat(1e6) }, ['password', 'username']],
    ['rights', { is_superuser: true, company_id: 1, is_verified: true }, ['company_id', 'is_superuser', 'is_verified']],
  ] as const)('%s', async ([, changes, fields], { register, mails }) => {
    const reply = await register(changes)
    expect(reply.statusCode).toBe(422)
    const told = reply.json().detail.map(({ loc }: { loc: string[] }) => String(loc.at(-1)))
    expect([...new Set<string>(told)].toSorted()).toEqual(fields)
    expect(await mails()).toEqual([])
  })
})

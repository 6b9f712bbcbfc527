import { eq } from 'drizzle-orm'
import { hashPassword } from '../../../app/core/passwords.ts'
import { users } from '../../../app/models/index.ts'
import { bearer, callerOf, logIn } from '../../support/caller.ts'
import { PASSWORD, describe, expect, test } from '../../support/fixtures.ts'
import { ownApp } from '../../support/own-app.ts'

const NEW = 'a wholly new secret'
const change = { current_password: PASSWORD, new_password: NEW }

describe('a changed password', () => {
  test('works from now on, and the old one does not', async ({ as, trusted, testUser }) => {
    const reply = await as(testUser).post('/auth/change-password', change)
    expect(reply.statusCode).toBe(200)
    expect(Object.keys(reply.json()).toSorted()).toEqual(['access_token', 'expires_in', 'refresh_token', 'token_type'])
    const status = async (password: string) =>
      (await as().post('/auth/login', { username: 'manager', password })).statusCode
    expect([await status(NEW), await status(PASSWORD)]).toEqual([200, 401])
    const [row] = await trusted(({ db }) => db.select().from(users).where(eq(users.id, testUser.id)))
    expect(Date.now() - Date.parse(row?.password_changed_at ?? '')).toBeLessThan(10_000)
    expect(row?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  })

  test('ends all sessions at once, this one too, and starts a new one', async ({ as, app, testUser, viewerUser }) => {
    const other = await logIn(as())
    const [mine, second] = [as(testUser), callerOf(app, bearer(other.access_token))]
    expect([(await mine.get('/auth/me')).statusCode, (await second.get('/auth/me')).statusCode]).toEqual([200, 200])
    const tokens = (await mine.post('/auth/change-password', change)).json()
    for (const old of [mine, second])
      await expect.poll(async () => (await old.get('/auth/me')).statusCode, { timeout: 1000, interval: 5 }).toBe(401)
    expect((await as().post('/auth/refresh', { refresh_token: other.refresh_token })).statusCode).toBe(401)
    expect((await callerOf(app, bearer(tokens.access_token)).get('/auth/me')).json().id).toBe(testUser.id)
    expect((await as().post('/auth/refresh', { refresh_token: tokens.refresh_token })).statusCode).toBe(200)
    expect((await as(viewerUser).get('/auth/me')).statusCode).toBe(200)
  })

  test('is no longer open to log-ins with the old one that are under way', async ({ as, app, testUser }) => {
    const attempt = () => as().post('/auth/login', { username: 'manager', password: PASSWORD })
    const [changed, ...others] = await Promise.all([
      as(testUser).post('/auth/change-password', change),
      ...Array.from({ length: 8 }, attempt),
    ])
    expect(changed.statusCode).toBe(200)
    for (const reply of others.filter(({ statusCode }) => statusCode === 200)) {
      const old = callerOf(app, bearer(reply.json().access_token))
      await expect.poll(async () => (await old.get('/auth/me')).statusCode, { timeout: 1000, interval: 5 }).toBe(401)
    }
    expect((await callerOf(app, bearer(changed.json().access_token)).get('/auth/me')).statusCode).toBe(200)
  })

  test('keeps out a log-in that read the old one before it waited for its turn', async ({
    as,
    app,
    trusted,
    testUser,
  }) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const turn = app.auth.turns.run(testUser.id, () => promise)
    const late = as().post('/auth/login', { username: 'manager', password: PASSWORD })
    await as().post('/auth/login', { username: 'nobody', password: PASSWORD }) // meanwhile the other one waits
    const password_hash = await hashPassword(NEW)
    await trusted(({ db }) => db.update(users).set({ password_hash }).where(eq(users.id, testUser.id)))
    resolve()
    await turn
    expect((await late).json().code).toBe('invalid_credentials')
    expect((await as().post('/auth/login', { username: 'manager', password: NEW })).statusCode).toBe(200)
  })

  test('by two at once is one of the two', async ({ as, testUser }) => {
    const secrets = ['the first new secret', 'the second new secret']
    const replies = await Promise.all(
      secrets.map((new_password) => as(testUser).post('/auth/change-password', { ...change, new_password })),
    )
    const statuses = replies.map(({ statusCode }) => statusCode)
    // Whichever is second comes with a password that is no longer the current one, or with a session that has ended.
    expect(statuses.toSorted((x, y) => x - y)).toEqual([200, expect.toBeOneOf([400, 401])])
    const password = secrets[statuses.indexOf(200)]
    expect((await as().post('/auth/login', { username: 'manager', password })).statusCode).toBe(200)
  })
})

test('a password changed in two processes at once is one of the two', async ({
  as,
  engine,
  settings,
  authHeaders,
  testUser,
}) => {
  await using second = await ownApp({ engine, settings })
  const replies = await Promise.all([
    as(testUser).post('/auth/change-password', change),
    callerOf(second.app, authHeaders(testUser)).post('/auth/change-password', { ...change, new_password: `${NEW} 2` }),
  ])
  const done = replies.filter(({ statusCode }) => statusCode === 200)
  expect(done).toHaveLength(1)
  const password = replies[0].statusCode === 200 ? NEW : `${NEW} 2`
  expect((await as().post('/auth/login', { username: 'manager', password })).statusCode).toBe(200)
})

describe('changing a password', () => {
  test('needs the current one, and says so without a 401', async ({ as, testUser }) => {
    const reply = await as(testUser).post('/auth/change-password', { ...change, current_password: 'wrong' })
    expect(reply.statusCode).toBe(400)
    expect(reply.json()).toMatchObject({ code: 'bad_request', detail: 'The current password is not right' })
    expect((await as(testUser).get('/auth/me')).statusCode).toBe(200)
    expect((await as().post('/auth/login', { username: 'manager', password: PASSWORD })).statusCode).toBe(200)
  })

  test('counts wrong guesses with those of log-in, also when many are made at once', async ({ as, testUser }) => {
    const user = as(testUser)
    const guess = (current_password: string) => user.post('/auth/change-password', { ...change, current_password })
    const replies = await Promise.all(Array.from({ length: 9 }, (_, i) => guess(`guess ${i}`)))
    expect(replies.map(({ statusCode }) => statusCode)).toEqual(Array<number>(9).fill(400))
    expect((await guess(PASSWORD)).json().detail).toBe('Too many failed attempts; try again in 30 minutes')
    expect((await guess('another guess')).json().detail).toBe('The current password is not right')
    const reply = await as().post('/auth/login', { username: 'manager', password: PASSWORD })
    expect(reply.json().code).toBe('account_locked')
  })

  test('takes its turn with log-ins', async ({ as, testUser }) => {
    const wrong = (i: number) =>
      i % 2
        ? as().post('/auth/login', { username: 'manager', password: `guess ${i}` })
        : as(testUser).post('/auth/change-password', { ...change, current_password: `guess ${i}` })
    const replies = await Promise.all([
      ...Array.from({ length: 14 }, (_, i) => wrong(i)), // more than enough: they may arrive in another order
      as().post('/auth/login', { username: 'manager', password: PASSWORD }),
    ])
    expect(replies.at(-1)?.json().code).toBe('account_locked')
  })

  test.for([
    ['short', ['must have at least 8 characters']],
    ['x'.repeat(129), ['must have at most 128 characters']],
    ['password123', ['is one of the most common passwords']],
    ['manager@example.com', ["must not be the user's own name or e-mail"]],
    ['admin', ['must have at least 8 characters']],
    ['', ['must have at least 8 characters']],
    [PASSWORD, ['must differ from the current password']],
  ] as const)('refuses %j', async ([new_password, messages], { as, testUser }) => {
    const reply = await as(testUser).post('/auth/change-password', { ...change, new_password })
    expect(reply.statusCode).toBe(422)
    expect(reply.json().detail).toEqual(
      messages.map((msg) => ({ loc: ['body', 'new_password'], msg, type: 'weak_password' })),
    )
  })

  test('tells every fault of the new one', async ({ as, trusted, testUser }) => {
    await trusted(({ db }) => db.update(users).set({ username: 'ed' }).where(eq(users.id, testUser.id)))
    const reply = () => as(testUser).post('/auth/change-password', { ...change, new_password: 'ed' })
    await expect.poll(async () => (await reply()).json().detail, { timeout: 1000, interval: 5 }).toHaveLength(2)
  })

  test.for([
    ['a megabyte', { ...change, new_password: 'x'.repeat(1e6) }, ['new_password']],
    ['a megabyte of the current one', { ...change, current_password: 'x'.repeat(1e6) }, ['current_password']],
    ['NUL', { current_password: 'a\0', new_password: 'b\0' }, ['current_password', 'new_password']],
    ['nothing', {}, ['current_password', 'new_password']],
    ['more than it knows', { ...change, user_id: 1 }, ['user_id']],
  ] as const)('refuses %s', async ([, body, fields], { as, testUser }) => {
    const reply = await as(testUser).post('/auth/change-password', body)
    expect(reply.statusCode).toBe(422)
    expect(reply.json().detail.map(({ loc }: { loc: string[] }) => loc.at(-1))).toEqual(fields)
  })

  test('of an account without one points to the link', async ({ as, trusted, testUser }) => {
    await trusted(({ db }) => db.update(users).set({ password_hash: '' }).where(eq(users.id, testUser.id)))
    const reply = await as(testUser).post('/auth/change-password', change)
    expect(reply.statusCode).toBe(400)
    expect(reply.json().detail).toContain('forgot-password')
  })

  test('is for who is logged in', async ({ as }) => {
    expect((await as().post('/auth/change-password', change)).statusCode).toBe(401)
  })
})

test('a password of 128 characters that take two units each logs in', async ({ as, trusted, testUser }) => {
  const password = '🐎'.repeat(128)
  const password_hash = await hashPassword(password)
  await trusted(({ db }) => db.update(users).set({ password_hash }).where(eq(users.id, testUser.id)))
  expect((await as().post('/auth/login', { username: 'manager', password })).statusCode).toBe(200)
})

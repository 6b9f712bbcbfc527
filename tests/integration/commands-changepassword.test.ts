import { eq } from 'drizzle-orm'
import { oneTimeTokens, users } from '../../app/models/index.ts'
import { issueToken } from '../../app/services/auth/one-time-tokens.ts'
import { callerOf } from '../support/caller.ts'
import { manage } from '../support/command-line.ts'
import { PASSWORD, describe, expect, test as base } from '../support/fixtures.ts'
import { polled } from '../support/programs.ts'

const NEW = 'a wholly new secret'
const byFlag = ['changepassword', 'manager', '-p', NEW]

const test = base
  .extend('logIn', ({ as }) => (password: string, username = 'manager') => {
    return as().post('/auth/login', { username, password })
  })
  .extend('account', ({ trusted, testUser }) => async () => {
    const [row] = await trusted(({ db }) => db.select().from(users).where(eq(users.id, testUser.id)))
    return row
  })

describe('changepassword', () => {
  test.for(['manager', 'MANAGER', 'manager@example.com', 'Manager@Example.COM'])(
    'of %s makes the new password the only one, and says when',
    async (name, { engine, logIn, account, testUser }) => {
      const outcome = await manage(['changepassword', name, '-p', NEW], { engine })
      const stdout = 'Password of manager changed; their sessions have ended\n'
      expect(outcome).toEqual({ code: 0, stdout, stderr: '' })
      expect([(await logIn(NEW)).statusCode, (await logIn(PASSWORD)).statusCode]).toEqual([200, 401])
      expect((await logIn(PASSWORD, 'viewer')).statusCode).toBe(200)
      const row = await account()
      expect(row?.id).toBe(testUser.id)
      expect(Date.now() - Date.parse(row?.password_changed_at ?? '')).toBeLessThan(10_000)
    },
  )

  test('ends the sessions and links of that user, and of nobody else', async ({
    engine,
    app,
    as,
    trusted,
    logIn,
    testUser,
    viewerUser,
  }) => {
    const { access_token, refresh_token } = (await logIn(PASSWORD)).json()
    const link = { purpose: 'password_reset', user_id: testUser.id, minutes: 60 } as const
    await trusted(({ db }) => issueToken(db, link))
    const mine = [as(testUser), callerOf(app, { authorization: `Bearer ${access_token}` })]
    const status = async (caller: (typeof mine)[number]) => (await caller.get('/auth/me')).statusCode
    expect(await Promise.all(mine.map(status))).toEqual([200, 200])
    await manage(byFlag, { engine })
    await expect.poll(() => Promise.all(mine.map(status)), polled).toEqual([401, 401])
    expect((await as().post('/auth/refresh', { refresh_token })).statusCode).toBe(401)
    expect(await status(as(viewerUser))).toBe(200)
    expect(await trusted(({ db }) => db.select().from(oneTimeTokens))).toEqual([])
  })

  test('lifts the lock', async ({ engine, logIn, account }) => {
    for (let failure = 0; failure < 5; failure++) await logIn('wrong')
    expect((await logIn(PASSWORD)).json().code).toBe('account_locked')
    await manage(byFlag, { engine })
    expect((await logIn(NEW)).statusCode).toBe(200)
    expect(await account()).toMatchObject({ failed_login_attempts: 0, locked_until: null })
  })

  test.for([
    ['from FASTVUE_PASSWORD', [], { env: { FASTVUE_PASSWORD: NEW } }],
    ['from standard input', ['--password-stdin'], { stdin: `${NEW}\nmore\n` }],
    [
      'typed twice',
      [],
      {
        answers: [
          ['Password for manager <manager@example.com>:', NEW],
          ['Password (again):', NEW],
        ] satisfies [string, string][],
      },
    ],
  ] as const)('takes the password %s, and never shows it', async ([, more, given], { engine, logIn }) => {
    const { code, stdout, stderr } = await manage(['changepassword', 'manager', ...more], {
      engine,
      ...given,
      ...('answers' in given && { answers: [...given.answers] }),
    })
    expect({ code, shown: `${stdout}${stderr}`.includes(NEW) }).toEqual({ code: 0, shown: false })
    expect((await logIn(NEW)).statusCode).toBe(200)
  })

  test.for([
    ['FASTVUE_PASSWORD', [], { env: { FASTVUE_PASSWORD: 'x' } }],
    ['--password-stdin', ['--password-stdin'], { stdin: 'x\n' }],
  ] as const)(
    'says of a password that will not do where it comes from: %s',
    async ([source, more, given], { engine }) => {
      const { stderr } = await manage(['changepassword', 'manager', ...more], { engine, ...given })
      expect(stderr).toBe(`Error: ${source}: must have at least 8 characters\n`)
    },
  )

  test.for([
    ['x', 'must have at least 8 characters'],
    ['', 'must have at least 8 characters'],
    ['password123', 'is one of the most common passwords'],
    ['Manager@example.com', "must not be the user's own name or e-mail"],
  ])('refuses %j, and changes nothing', async ([password, fault], { engine, as, logIn, testUser }) => {
    const outcome = await manage(['changepassword', 'manager', '-p', password!], { engine })
    expect(outcome).toEqual({ code: 1, stdout: '', stderr: `Error: --password: ${fault}\n` })
    expect((await logIn(PASSWORD)).statusCode).toBe(200)
    expect((await as(testUser).get('/auth/me')).statusCode).toBe(200)
  })

  test.for(['nobody', 'manage', '%', "manager' or true --", ''])('knows no user %j', async (name, { engine }) => {
    const { code, stdout, stderr } = await manage(['changepassword', name, '-p', NEW], { engine, answers: [] })
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: `Error: No user ${name}\n` })
  })

  test('means the account that owns the name, and no deleted one', async ({ engine, trusted, logIn, testUser }) => {
    const other = { username: 'manager', email: 'Manager@example.com', password_hash: '' }
    await trusted(({ db }) => db.insert(users).values({ ...other, owns_username: false, owns_email: false }))
    expect(await manage(byFlag, { engine })).toMatchObject({ code: 0 })
    expect((await logIn(NEW)).json().user.id).toBe(testUser.id)
    await trusted(({ db }) => db.update(users).set({ is_deleted: true }).where(eq(users.id, testUser.id)))
    expect(await manage(byFlag, { engine })).toMatchObject({ code: 1, stderr: 'Error: No user manager\n' })
  })

  test('refuses who is not active', async ({ engine, trusted, testUser, account }) => {
    await trusted(({ db }) => db.update(users).set({ is_active: false }).where(eq(users.id, testUser.id)))
    const before = await account()
    const stderr = 'Error: manager is not active, and logs in by no password\n'
    expect(await manage(byFlag, { engine })).toEqual({ code: 1, stdout: '', stderr })
    expect(await account()).toEqual(before)
  })

  test('without a terminal names the flags', async ({ engine }) => {
    const stderr = 'Error: There is no terminal to ask on: give --password, --password-stdin or FASTVUE_PASSWORD\n'
    expect(await manage(['changepassword', 'manager'], { engine })).toEqual({ code: 1, stdout: '', stderr })
  })

  test('that is interrupted at its question changes nothing', async ({ engine, account }) => {
    const before = await account()
    const { code, stderr } = await manage(['changepassword', 'manager'], {
      engine,
      answers: [['Password for manager', '\x03']],
    })
    expect({ code, stderr }).toEqual({ code: 130, stderr: expect.stringMatching(/Cancelled\n$/) })
    expect(await account()).toEqual(before)
  })

  test.for([[['changepassword']], [['changepassword', 'manager', 'extra']], [['changepassword', 'manager', '--user']]])(
    '%j is wrong use',
    async ([argv], { engine }) => {
      expect(await manage(argv!, { engine })).toMatchObject({ code: 2, stdout: '' })
    },
  )
})

import { eq, inArray } from 'drizzle-orm'
import { hashPassword } from '../../../app/core/passwords.ts'
import { oneTimeTokens, users } from '../../../app/models/index.ts'
import { type Caller, callerOf } from '../../support/caller.ts'
import { PASSWORD, type TestUser, describe, expect, test } from '../../support/fixtures.ts'
import { ownApp } from '../../support/own-app.ts'

const attempt = async (caller: Caller, password: string, username = 'manager') => {
  const reply = await caller.post('/auth/login', { username, password })
  return reply.statusCode === 200 ? 'in' : reply.json<{ code: string }>().code
}
const fail = async (caller: Caller, times: number, username?: string) => {
  for (let i = 0; i < times; i++) expect(await attempt(caller, `wrong ${i}`, username)).toBe('invalid_credentials')
}

describe('after five wrong passwords', () => {
  test('the right one is refused and told why, a wrong one is told nothing', async ({ as }) => {
    await fail(as(), 5)
    expect(await attempt(as(), PASSWORD)).toBe('account_locked')
    expect(await attempt(as(), 'wrong')).toBe('invalid_credentials')
    expect(await attempt(as(), PASSWORD, 'viewer')).toBe('in')
  })

  test('by any of the account’s names', async ({ as }) => {
    await fail(as(), 3)
    await fail(as(), 2, 'Manager@Example.com')
    expect(await attempt(as(), PASSWORD)).toBe('account_locked')
  })

  test('the lock ends by itself, and five more make another', async ({ as, trusted, testUser }) => {
    await fail(as(), 5)
    const past = { locked_until: new Date(Date.now() - 1000).toISOString() }
    await trusted(({ db }) => db.update(users).set(past).where(eq(users.id, testUser.id)))
    await fail(as(), 4)
    expect(await attempt(as(), PASSWORD)).toBe('in')
    await fail(as(), 5)
    expect(await attempt(as(), PASSWORD)).toBe('account_locked')
  })

  test('the lock is for 30 minutes, and more attempts do not prolong it', async ({ as, trusted, testUser }) => {
    const lockedUntil = () =>
      trusted(async ({ db }) => {
        const [row] = await db.select().from(users).where(eq(users.id, testUser.id))
        return Date.parse(row?.locked_until ?? '')
      })
    await fail(as(), 5)
    const until = await lockedUntil()
    expect(Math.abs(until - Date.now() - 30 * 60_000)).toBeLessThan(10_000)
    await fail(as(), 2)
    expect(await lockedUntil()).toBe(until)
  })
})

describe('who goes on guessing while an account is locked', () => {
  test('is not told that the right password is right', async ({ as, trusted, testUser }) => {
    await fail(as(), 5)
    const failed_login_attempts = 15 // ten more guesses later
    await trusted(({ db }) => db.update(users).set({ failed_login_attempts }).where(eq(users.id, testUser.id)))
    expect(await attempt(as(), PASSWORD)).toBe('invalid_credentials')
    const past = { locked_until: new Date(Date.now() - 1000).toISOString() }
    await trusted(({ db }) => db.update(users).set(past).where(eq(users.id, testUser.id)))
    expect(await attempt(as(), PASSWORD)).toBe('in')
  })

  test('is counted', async ({ as, trusted, testUser }) => {
    await fail(as(), 8)
    const [row] = await trusted(({ db }) => db.select().from(users).where(eq(users.id, testUser.id)))
    expect(row?.failed_login_attempts).toBe(8)
  })
})

describe('a crowd of attempts', () => {
  const crowd = (caller: Caller, username: string) =>
    Promise.all(Array.from({ length: 60 }, () => attempt(caller, 'wrong', username)))

  test('is answered alike for a known name and an unknown one', async ({ as }) => {
    const counts = async (username: string) => {
      const answers = await crowd(as(), username)
      return [answers.filter((code) => code === 'overloaded').length > 0, new Set(answers).size]
    }
    expect(await counts('nobody-of-this-name')).toEqual(await counts('manager'))
  })
})

describe('failures', () => {
  test('are forgotten by a log-in', async ({ as }) => {
    await fail(as(), 4)
    expect(await attempt(as(), PASSWORD)).toBe('in')
    await fail(as(), 4)
    expect(await attempt(as(), PASSWORD)).toBe('in')
  })

  test('are counted by all processes together, and no restart forgets them', async ({ as, engine, settings }) => {
    await fail(as(), 3)
    {
      await using second = await ownApp({ engine, settings })
      await fail(callerOf(second.app), 2)
      expect(await attempt(callerOf(second.app), PASSWORD)).toBe('account_locked')
    }
    expect(await attempt(as(), PASSWORD)).toBe('account_locked')
    await using third = await ownApp({ engine, settings })
    expect(await attempt(callerOf(third.app), PASSWORD)).toBe('account_locked')
  })

  test('made at once are counted one by one', async ({ as }) => {
    const guesses = [...Array.from({ length: 12 }, (_, i) => `guess ${i}`), PASSWORD]
    const answers = await Promise.all(guesses.map((guess) => attempt(as(), guess)))
    expect(answers).toEqual([...Array<string>(12).fill('invalid_credentials'), 'account_locked'])
  })

  test('of an unknown user write nothing', async ({ as, trusted }) => {
    const total = () =>
      trusted(async ({ db }) => [await db.select().from(users), await db.select().from(oneTimeTokens)])
    const before = await total()
    await fail(as(), 6, 'nobody')
    expect(await total()).toEqual(before)
  })
})

describe('two accounts with one e-mail address', () => {
  const OTHER = 'another long secret'
  /** What gives an account the address of another, which it does not own, and a password of its own. */
  const sharing = async ({ email }: TestUser) => ({
    email,
    owns_email: false,
    password_hash: await hashPassword(OTHER),
  })

  test('both log in by it, each with its own password, and neither sees the other', async ({
    as,
    trusted,
    testUser,
    outsider,
  }) => {
    const changes = await sharing(testUser)
    await trusted(({ db }) => db.update(users).set(changes).where(eq(users.id, outsider.id)))
    const logIn = (password: string) => as().post('/auth/login', { username: testUser.email, password })
    const [first, second] = [await logIn(PASSWORD), await logIn(OTHER)]
    expect(first.json().user).toMatchObject({ id: testUser.id, username: 'manager', email: testUser.email })
    expect(second.json().user).toMatchObject({ id: outsider.id, username: 'outsider', email: testUser.email })
    expect(first.body).not.toMatch(/outsider|OTHER|owns_/)
    expect(second.body).not.toMatch(/manager"|TEST|owns_/)
  })

  test('are locked by failures at it together, and opened each by itself', async ({
    as,
    trusted,
    testUser,
    outsider,
  }) => {
    const changes = await sharing(testUser)
    await trusted(({ db }) => db.update(users).set(changes).where(eq(users.id, outsider.id)))
    await fail(as(), 5, testUser.email)
    expect(await attempt(as(), PASSWORD, testUser.email)).toBe('account_locked')
    expect(await attempt(as(), OTHER, testUser.email)).toBe('account_locked')
    const both = inArray(users.id, [testUser.id, outsider.id])
    await trusted(({ db }) => db.update(users).set({ locked_until: null, failed_login_attempts: 4 }).where(both))
    expect(await attempt(as(), OTHER, testUser.email)).toBe('in')
    await fail(as(), 1, 'manager')
    expect(await attempt(as(), PASSWORD, testUser.email)).toBe('account_locked')
    expect(await attempt(as(), OTHER, testUser.email)).toBe('in')
  })
})

import { eq, sql } from 'drizzle-orm'
import { users } from '../../app/models/index.ts'
import { atOnce } from '../support/at-once.ts'
import { manage } from '../support/command-line.ts'
import { describe, expect, test as base } from '../support/fixtures.ts'
import { polled } from '../support/programs.ts'

const LAST = 'Error: The last active superuser can be neither demoted, disabled nor deleted\n'

const test = base.extend('superusers', ({ trusted }) => async () => {
  const rows = await trusted(({ db }) => db.select().from(users).where(eq(users.is_superuser, true)).orderBy(users.id))
  return rows.map(({ username }) => username)
})

describe('promoteuser', () => {
  test('gives a user all rights, from the next request on', async ({ engine, as, stranger, superusers }) => {
    const caller = as(stranger)
    expect((await caller.get('/users')).statusCode).toBe(403)
    const outcome = await manage(['promoteuser', 'Stranger@example.com', '--force'], { engine })
    expect(outcome).toEqual({ code: 0, stdout: 'stranger is a superuser now\n', stderr: '' })
    await expect.poll(async () => (await caller.get('/users')).statusCode, polled).toBe(200)
    expect(await superusers()).toEqual(['superuser', 'stranger'])
  })

  test('of who is one already says so and asks nothing', async ({ engine }) => {
    const outcome = await manage(['promoteuser', 'superuser'], { engine })
    expect(outcome).toEqual({ code: 0, stdout: 'superuser is a superuser already\n', stderr: '' })
  })

  test.for([
    ['y', 0, ['superuser', 'stranger']],
    ['n', 1, ['superuser']],
    ['', 1, ['superuser']],
    ['\x03', 130, ['superuser']],
  ] as const)(
    'asks on a terminal; the answer %j is exit code %i',
    async ([answer, code, then], { engine, superusers }) => {
      const question = 'Make stranger <stranger@example.com> a superuser?'
      const outcome = await manage(['promoteuser', 'stranger'], { engine, answers: [[question, answer]] })
      expect(outcome.code).toBe(code)
      if (code === 1) expect(outcome.stderr).toMatch(/Error: Nothing was changed\n$/)
      expect(await superusers()).toEqual(then)
    },
  )
})

describe('demoteuser', () => {
  test('takes the rights, from the next request on', async ({ engine, as, trusted, stranger, superusers }) => {
    await trusted(({ db }) => db.update(users).set({ is_superuser: true }).where(eq(users.id, stranger.id)))
    const caller = as(stranger)
    expect((await caller.get('/users')).statusCode).toBe(200)
    const outcome = await manage(['demoteuser', 'stranger', '--force'], { engine })
    expect(outcome).toEqual({ code: 0, stdout: 'stranger is no longer a superuser\n', stderr: '' })
    await expect.poll(async () => (await caller.get('/users')).statusCode, polled).toBe(403)
    expect(await superusers()).toEqual(['superuser'])
  })

  test('of who is none already says so and asks nothing', async ({ engine }) => {
    const outcome = await manage(['demoteuser', 'stranger'], { engine })
    expect(outcome).toEqual({ code: 0, stdout: 'stranger is not a superuser\n', stderr: '' })
  })

  test('leaves the last active superuser', async ({ engine, trusted, stranger, superusers }) => {
    const idle = { is_superuser: true, is_active: false }
    await trusted(({ db }) => db.update(users).set(idle).where(eq(users.id, stranger.id)))
    const outcome = await manage(['demoteuser', 'superuser', '--force'], { engine })
    expect(outcome).toEqual({ code: 1, stdout: '', stderr: LAST })
    expect(await superusers()).toEqual(['superuser', 'stranger'])
    expect(await manage(['demoteuser', 'stranger', '--force'], { engine })).toMatchObject({ code: 0 })
  })

  test('of the last two at once leaves one', async ({ engine, trusted, stranger, superusers }) => {
    await trusted(({ db }) => db.update(users).set({ is_superuser: true }).where(eq(users.id, stranger.id)))
    const outcomes = await atOnce(
      { engine, trusted },
      sql`select id from users where is_superuser for update`,
      ['superuser', 'stranger'].map((name) => () => manage(['demoteuser', name, '--force'], { engine })),
    )
    expect(outcomes.map(({ code }) => code).toSorted((a, b) => a - b)).toEqual([0, 1])
    expect(outcomes.map(({ stderr }) => stderr)).toContain(LAST)
    expect(await superusers()).toHaveLength(1)
  })
})

describe.for(['promoteuser', 'demoteuser'])('%s', (command) => {
  const name = command === 'promoteuser' ? 'stranger' : 'superuser'

  test('without a terminal and without --force names the flag', async ({ engine, superusers }) => {
    const outcome = await manage([command, name], { engine })
    const stderr = 'Error: There is no terminal to ask on: give --force\n'
    expect(outcome).toEqual({ code: 1, stdout: '', stderr })
    expect(await superusers()).toEqual(['superuser'])
  })

  test.for(['nobody', '%', ''])('knows no user %j', async (unknown, { engine }) => {
    const outcome = await manage([command, unknown, '--force'], { engine })
    expect(outcome).toEqual({ code: 1, stdout: '', stderr: `Error: No user ${unknown}\n` })
  })

  test.for([[[]], [[name, 'more']], [[name, '--forse']]] as [string[]][])(
    '%j is wrong use',
    async ([more], { engine, superusers }) => {
      expect(await manage([command, ...more], { engine })).toMatchObject({ code: 2, stdout: '' })
      expect(await superusers()).toEqual(['superuser'])
    },
  )
})

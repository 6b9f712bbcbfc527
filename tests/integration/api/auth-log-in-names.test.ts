import { eq } from 'drizzle-orm'
import { hashPassword, verifyDummy, verifyPassword } from '../../../app/core/passwords.ts'
import { users } from '../../../app/models/index.ts'
import { countHashings } from '../../support/hashings.ts'
import { PASSWORD, type TestUser, describe, expect, test } from '../../support/fixtures.ts'
import { addMember, addPerson, addRole, storedUser, systemRole } from '../../support/people.ts'

// What a company learns, and can do, by making accounts of a name that somebody of another company has: nothing.

const NAMES = { username: 'janesmith', email: 'jane@example.com' }
const secret = (n: number) => `secret number ${n} of five`

/** Accounts of Jane's names that company A makes and lets go of again, as often as it likes. */
const five = test
  .extend('janes', async ({ as, adminUser, testCompany }) => {
    for (let n = 1; n <= 4; n++) {
      const made = await as(adminUser).post('/users', { ...NAMES, password: secret(n) })
      expect(made.statusCode).toBe(201)
      const gone = await as(adminUser).delete(`/users/${made.json().id}/companies/${testCompany.id}`)
      expect(gone.statusCode).toBe(204)
    }
    return (await as(adminUser).post('/users', { ...NAMES, password: secret(5) })).json<TestUser>()
  })
  .extend('logIn', ({ as, janes }) => async (password: string, username = NAMES.username) => {
    expect(janes).toMatchObject(NAMES)
    return (await as().post('/auth/login', { username, password })).statusCode
  })

describe('accounts of a name that a company has let go of', () => {
  five('do not log in by it, and the one that it keeps does', async ({ logIn }) => {
    for (const name of [NAMES.username, NAMES.email]) {
      for (const n of [1, 2, 3, 4]) expect([n, await logIn(secret(n), name)]).toEqual([n, 401])
      expect(await logIn(secret(5), name)).toBe(200)
    }
  })

  five('keep nobody else of that name out', async ({ logIn, as, outsider }) => {
    const made = await as(outsider).post('/users', { ...NAMES, password: PASSWORD })
    expect(made.statusCode).toBe(201)
    for (const name of [NAMES.username, NAMES.email]) expect(await logIn(PASSWORD, name)).toBe(200)
  })

  five('are sent no links, and keep nobody from being sent one', async ({ janes, as, outsider, mailsTo }) => {
    await as(outsider).post('/users', { ...NAMES, password: PASSWORD })
    await as().post('/auth/forgot-password', { email: janes.email })
    expect(await mailsTo(NAMES.email)).toHaveLength(2)
  })

  five(
    'own it no more, but for an address that was verified',
    async ({ trusted, as, superuser, adminUser, janes, testCompany }) => {
      const leave = () => as(adminUser).delete(`/users/${janes.id}/companies/${testCompany.id}`)
      const owned = async () => {
        const { owns_email, owns_username } = await storedUser(trusted, janes.id)
        return { owns_email, owns_username }
      }
      expect(await owned()).toEqual({ owns_email: true, owns_username: true })
      await leave()
      expect(await owned()).toEqual({ owns_email: false, owns_username: false })
      const body = { company_id: testCompany.id, role_id: await systemRole(trusted, 'member') }
      expect((await as(superuser).post(`/users/${janes.id}/companies`, body)).statusCode).toBe(201)
      expect(await owned()).toEqual({ owns_email: true, owns_username: true })
      await trusted(({ db }) => db.update(users).set({ is_verified: true }).where(eq(users.id, janes.id)))
      await leave()
      expect(await owned()).toEqual({ owns_email: true, owns_username: false })
    },
  )
})

test('an owner of a name logs in by it in no company, too, and so does a superuser who owns none', async ({
  as,
  trusted,
}) => {
  const password_hash = await hashPassword(PASSWORD)
  await addPerson(trusted, 'alone', null, { password_hash })
  await addPerson(trusted, 'chief', null, {
    password_hash,
    is_superuser: true,
    owns_email: false,
    owns_username: false,
  })
  for (const username of ['alone', 'chief'])
    expect((await as().post('/auth/login', { username, password: PASSWORD })).statusCode).toBe(200)
})

test('somebody who leaves one company of two keeps their names', async ({
  as,
  adminUser,
  trusted,
  testCompany,
  otherCompany,
}) => {
  const { id } = await addPerson(trusted, 'both', testCompany)
  await addMember(trusted, { id }, otherCompany, 'member')
  await as(adminUser).delete(`/users/${id}/companies/${testCompany.id}`)
  expect(await storedUser(trusted, id)).toMatchObject({ owns_email: true, owns_username: true })
})

describe('a company has one account of a name', () => {
  test('so that nobody joins who has the name of a member', async ({
    as,
    adminUser,
    trusted,
    testCompany,
    otherCompany,
  }) => {
    await addMember(trusted, adminUser, otherCompany, 'admin')
    const foreign = await addPerson(trusted, 'foreign', otherCompany)
    await addPerson(trusted, 'Foreign', testCompany, { email: 'another@example.com', owns_username: false })
    const body = { company_id: testCompany.id, role_id: await systemRole(trusted, 'member') }
    const give = () => as(adminUser).post(`/users/${foreign.id}/companies`, body)
    await expect.poll(async () => (await give()).json().code).toBe('duplicate')
    const rename = () =>
      as(adminUser).patch(`/users/${foreign.id}?company_id=${otherCompany.id}`, { username: 'other' })
    await expect.poll(async () => (await rename()).statusCode).toBe(200)
    expect((await give()).statusCode).toBe(201)
    expect((await give()).statusCode).toBe(201)
  })

  test('also where who renames one may not read the others', async ({
    as,
    adminUser,
    trusted,
    testCompany,
    otherCompany,
  }) => {
    await addMember(
      trusted,
      adminUser,
      otherCompany,
      await addRole(trusted, { company_id: otherCompany.id, codename: 'renamer', permissions: ['user.update'] }),
    )
    const both = await addPerson(trusted, 'both', testCompany)
    await addMember(
      trusted,
      both,
      otherCompany,
      await addRole(trusted, { company_id: otherCompany.id, codename: 'idle', permissions: [] }),
    )
    await addPerson(trusted, 'unread', otherCompany)
    const rename = (username: string) => as(adminUser).patch(`/users/${both.id}`, { username })
    await expect.poll(async () => (await rename('free')).statusCode).toBe(200)
    expect((await rename('unread')).json().code).toBe('duplicate')
  })
})

describe('the passwords that a log-in compares', () => {
  const attempt = (as: () => { post(path: string, body: object): PromiseLike<unknown> }, username: string) =>
    countHashings(() => as().post('/auth/login', { username, password: 'wrong' }))

  test('are as many for an unknown name, for one account, and for two', async ({
    as,
    trusted,
    testCompany,
    otherCompany,
  }) => {
    const password_hash = await hashPassword(PASSWORD)
    expect(await countHashings(() => verifyPassword(password_hash, PASSWORD))).toBe(1)
    await verifyDummy('') // what it compares with is made once
    await addPerson(trusted, 'single', testCompany, { password_hash })
    await addPerson(trusted, 'twin', testCompany, { password_hash })
    await addPerson(trusted, 'Twin', otherCompany, { password_hash, email: 'twin@example.org', owns_username: false })
    await addPerson(trusted, 'bare', testCompany)
    const counts = []
    for (const name of ['nobody', 'single', 'twin', 'bare']) counts.push([name, await attempt(as, name)])
    expect(counts).toEqual([
      ['nobody', 2],
      ['single', 2],
      ['twin', 2],
      ['bare', 2],
    ])
  })
})

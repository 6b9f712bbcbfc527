import { sql } from 'drizzle-orm'
import { beforeEach } from 'vitest'
import { atOnce } from '../../support/at-once.ts'
import { describe, expect, test } from '../../support/fixtures.ts'
import { addMember, addPerson, newUser, storedUser } from '../../support/people.ts'
import type { Trusted } from '../../support/work-as.ts'

// What a company learns of a name that somebody of another company has: nothing.

const FREE = { email: 'free@example.com', username: 'free-name', password: newUser.password }
const FOREIGN = { email: 'foreign@example.com', username: 'foreign-name', password: newUser.password }

/** A reply without what differs between any two users. */
function alike(reply: { statusCode: number; headers: object; json(): Record<string, unknown> }, names: typeof FREE) {
  const { id, email, username, created_at, updated_at, ...rest } = reply.json()
  expect([typeof id, typeof created_at, typeof updated_at]).toEqual(['number', 'string', 'string'])
  expect({ email, username }).toEqual({ email: names.email, username: names.username })
  return { status: reply.statusCode, headers: Object.keys(reply.headers), rest, fields: Object.keys(reply.json()) }
}

describe('a name that a stranger has', () => {
  beforeEach<{ trusted: Trusted; otherCompany: { id: number } }>(async ({ trusted, otherCompany }) => {
    await addPerson(trusted, 'foreign-name', otherCompany, { email: 'foreign@example.com' })
  })

  test('gets the reply of a free one, and an account that works alike', async ({ as, adminUser, trusted }) => {
    const free = await as(adminUser).post('/users', FREE)
    const foreign = await as(adminUser).post('/users', FOREIGN)
    expect(free.statusCode).toBe(201)
    expect(alike(foreign, FOREIGN)).toEqual(alike(free, FREE))
    expect(await storedUser(trusted, free.json().id)).toMatchObject({ owns_email: true, owns_username: true })
    expect(await storedUser(trusted, foreign.json().id)).toMatchObject({ owns_email: false, owns_username: false })
    for (const { email, username, password } of [FREE, FOREIGN])
      for (const name of [email, username, username.toUpperCase()]) {
        const login = await as().post('/auth/login', { username: name, password })
        expect([name, login.statusCode]).toEqual([name, 200])
        expect(login.json().user.username).toBe(username)
        expect(login.json().companies).toMatchObject([{ code: 'TEST' }])
      }
    const item = async (id: number) => {
      const {
        id: _,
        email: __,
        username: ___,
        created_at,
        updated_at,
        last_login_at,
        ...rest
      } = (await as(adminUser).get(`/users/${id}`)).json()
      return [rest, typeof created_at, typeof updated_at, typeof last_login_at]
    }
    expect(await item(foreign.json().id)).toEqual(await item(free.json().id))
  })

  test('is given in a change, too, and the reply is that of a free one', async ({
    as,
    adminUser,
    trusted,
    testCompany,
  }) => {
    const [one, two] = [await addPerson(trusted, 'one', testCompany), await addPerson(trusted, 'two', testCompany)]
    const { password: _, ...free } = FREE
    const { password: __, ...foreign } = FOREIGN
    const first = await as(adminUser).patch(`/users/${one.id}`, free)
    const second = await as(adminUser).patch(`/users/${two.id}`, foreign)
    expect(first.statusCode).toBe(200)
    expect(alike(second, FOREIGN)).toEqual(alike(first, FREE))
    expect(await storedUser(trusted, one.id)).toMatchObject({ owns_email: true, owns_username: true })
    expect(await storedUser(trusted, two.id)).toMatchObject({ owns_email: false, owns_username: false })
  })

  test('is refused to a superuser, who sees everybody', async ({ as, superuser }) => {
    const reply = await as(superuser).post('/users', FOREIGN)
    expect(reply.json()).toMatchObject({ code: 'duplicate', detail: 'User with this email already exists' })
  })

  test('is refused to who may read users in the stranger’s company', async ({
    as,
    adminUser,
    trusted,
    otherCompany,
  }) => {
    await addMember(trusted, adminUser, otherCompany, 'viewer')
    expect((await as(adminUser).post('/users', FOREIGN)).json().code).toBe('duplicate')
  })

  test('is owned again by who is restored, unless somebody took it', async ({ as, superuser, trusted }) => {
    const { id } = await addPerson(trusted, 'gone', null)
    await as(superuser).delete(`/users/${id}`)
    expect(await storedUser(trusted, id)).toMatchObject({ is_deleted: true, owns_email: false, owns_username: false })
    await as(superuser).post(`/users/${id}/restore`)
    expect(await storedUser(trusted, id)).toMatchObject({ is_deleted: false, owns_email: true, owns_username: true })
  })
})

describe('a name that a colleague has', () => {
  test.for([
    [{ email: 'VIEWER@example.com' }, 'User with this email already exists'],
    [{ username: 'Viewer' }, 'User with this username already exists'],
  ] as const)(
    'is refused, in any case of letters: %j',
    async ([names, detail], { as, adminUser, trusted, testCompany }) => {
      const created = await as(adminUser).post('/users', { ...newUser, ...names })
      expect(created.json()).toMatchObject({ code: 'duplicate', detail })
      const { id } = await addPerson(trusted, 'other-one', testCompany)
      const changed = await as(adminUser).patch(`/users/${id}`, names)
      expect(changed.json()).toMatchObject({ code: 'duplicate', detail })
      expect((await as(adminUser).patch('/users/me', { email: 'viewer@example.com' })).json().code).toBe('duplicate')
    },
  )

  test('may be one’s own in other letters', async ({ as, adminUser, viewerUser }) => {
    const reply = await as(adminUser).patch(`/users/${viewerUser.id}`, {
      email: 'Viewer@Example.com',
      username: 'VIEWER',
    })
    expect(reply.json()).toMatchObject({ email: 'Viewer@Example.com', username: 'VIEWER', is_verified: true })
  })

  test('is free when the colleague is deleted, who then cannot come back with it', async ({
    as,
    adminUser,
    viewerUser,
  }) => {
    const { email, username } = viewerUser
    await as(adminUser).delete(`/users/${viewerUser.id}`)
    const created = await as(adminUser).post('/users', { ...newUser, email, username })
    expect(created.statusCode).toBe(201)
    expect((await as(adminUser).post(`/users/${viewerUser.id}/restore`)).json().code).toBe('duplicate')
    await as(adminUser).delete(`/users/${created.json().id}`)
    expect((await as(adminUser).post(`/users/${viewerUser.id}/restore`)).json()).toMatchObject({ email, username })
  })
})

describe('two who take a name at the same moment', () => {
  const hold = sql`lock table users in share mode`

  test('in one company: one gets it', async ({ engine, trusted, as, adminUser }) => {
    const create = () => as(adminUser).post('/users', newUser)
    const replies = await atOnce({ engine, trusted }, hold, [create, create, create])
    const statuses = replies.map(({ statusCode }) => statusCode)
    expect(statuses.toSorted((a, b) => a - b)).toEqual([201, 400, 400])
  })

  test('in two companies: both get it, and one owns it', async ({ engine, trusted, as, adminUser, outsider }) => {
    const calls = [adminUser, outsider].map((user) => () => as(user).post('/users', newUser))
    const replies = await atOnce({ engine, trusted }, hold, calls)
    expect(replies.map(({ statusCode }) => statusCode)).toEqual([201, 201])
    const rows = await Promise.all(replies.map((reply) => storedUser(trusted, reply.json().id)))
    expect(rows.filter(({ owns_email }) => owns_email)).toHaveLength(1)
    expect(rows.filter(({ owns_username }) => owns_username)).toHaveLength(1)
  })

  test('by a change, in two companies: both get it, and one owns it', async ({
    engine,
    as,
    adminUser,
    outsider,
    trusted,
    testCompany,
    otherCompany,
  }) => {
    const one = await addPerson(trusted, 'one', testCompany)
    const two = await addPerson(trusted, 'two', otherCompany)
    const names = { email: 'same@example.com', username: 'same' }
    const replies = await atOnce({ engine, trusted }, hold, [
      () => as(adminUser).patch(`/users/${one.id}`, names),
      () => as(outsider).patch(`/users/${two.id}`, names),
    ])
    expect(replies.map(({ statusCode }) => statusCode)).toEqual([200, 200])
    const rows = [await storedUser(trusted, one.id), await storedUser(trusted, two.id)]
    expect(rows.filter(({ owns_email }) => owns_email)).toHaveLength(1)
  })
})

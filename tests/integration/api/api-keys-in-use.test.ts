import { and, desc, eq } from 'drizzle-orm'
import {
  apiKeys,
  companies,
  permissions,
  rolePermissions,
  roles,
  userCompanyRoles,
  users,
} from '../../../app/models/index.ts'
import type { Context } from '../../../app/services/context.ts'
import { bearer, callerOf } from '../../support/caller.ts'
import { type TestUser, describe, expect } from '../../support/fixtures.ts'
import { ownApp } from '../../support/own-app.ts'
import { create, polled, test, wanted } from '../../support/programs.ts'

type Db = Context['db']
const inFuture = (ms: number) => new Date(Date.now() + ms).toISOString()

describe('a key that is used already ends with', () => {
  type Change = (db: Db, user: TestUser) => Promise<unknown>
  const CHANGES: Record<string, Change> = {
    'the deactivation of its owner': (db, { id }) => db.update(users).set({ is_active: false }).where(eq(users.id, id)),
    'the soft deletion of its owner': (db, { id }) =>
      db.update(users).set({ is_deleted: true }).where(eq(users.id, id)),
    'its owner': (db, { id }) => db.delete(users).where(eq(users.id, id)),
    'the membership of its owner': (db, { id }) => db.delete(userCompanyRoles).where(eq(userCompanyRoles.user_id, id)),
    'the role of its owner': (db) => db.update(roles).set({ is_active: false }).where(eq(roles.codename, 'manager')),
    'the deactivation of its company': (db) =>
      db.update(companies).set({ is_active: false }).where(eq(companies.code, 'TEST')),
    itself: (db, { id }) => db.delete(apiKeys).where(eq(apiKeys.user_id, id)),
    'an expiry that is brought forward': (db, { id }) =>
      db.update(apiKeys).set({ expires_at: new Date().toISOString() }).where(eq(apiKeys.user_id, id)),
  }
  test.for(Object.entries(CHANGES))('%s', async ([, change], { testUser, trusted, programOf }) => {
    const program = await programOf(testUser)
    expect((await program.get('/products')).statusCode).toBe(200)
    await trusted(({ db }) => change(db, testUser))
    await expect.poll(async () => (await program.get('/products')).statusCode, polled).toBe(401)
  })

  test('its company', async ({ superuser, otherCompany, programOf, trusted }) => {
    const program = await programOf(superuser, { company_id: otherCompany.id })
    expect((await program.get('/products')).statusCode).toBe(200)
    await trusted(async ({ db }) => {
      await db.delete(userCompanyRoles).where(eq(userCompanyRoles.company_id, otherCompany.id))
      await db.update(users).set({ current_company_id: null }).where(eq(users.current_company_id, otherCompany.id))
      await db.delete(companies).where(eq(companies.id, otherCompany.id))
    })
    await expect.poll(async () => (await program.get('/products')).statusCode, polled).toBe(401)
  })

  test('its expiry, without anything that announces it', async ({ testUser, programOf }) => {
    const program = await programOf(testUser, { expires_at: inFuture(700) })
    expect((await program.get('/auth/me')).statusCode).toBe(200)
    await expect.poll(async () => (await program.get('/auth/me')).statusCode, { timeout: 2000 }).toBe(401)
  })
})

test('a key is not told when its owner last logged in, which may have been at another company’s', async ({
  as,
  testUser,
  trusted,
  programOf,
}) => {
  const last_login_at = '2026-01-02T03:04:05.000Z'
  await trusted(({ db }) => db.update(users).set({ last_login_at }).where(eq(users.id, testUser.id)))
  const program = await programOf(testUser, { permissions: ['user.read'] })
  for (const path of ['/auth/me', `/users/${testUser.id}`]) {
    expect((await as(testUser).get(path)).json()).toMatchObject({ last_login_at })
    expect((await program.get(path)).json()).toMatchObject({ id: testUser.id, last_login_at: null })
  }
})

describe('what its owner loses, a key loses', () => {
  test('a permission of their role', async ({ testUser, trusted, programOf }) => {
    const program = await programOf(testUser)
    expect((await create(program)).statusCode).toBe(201)
    await trusted(async ({ db }) => {
      const [role] = await db.select().from(roles).where(eq(roles.codename, 'manager'))
      for (const name of ['product.create', 'product.manage']) {
        const [gone] = await db.select().from(permissions).where(eq(permissions.name, name))
        const isIt = and(eq(rolePermissions.role_id, role!.id), eq(rolePermissions.permission_id, gone!.id))
        await db.delete(rolePermissions).where(isIt)
      }
    })
    await expect.poll(async () => (await create(program)).json().code, polled).toBe('permission_denied')
    expect((await program.get('/products')).statusCode).toBe(200)
  })

  test('of “manage” all but what the owner still has', async ({ testUser, trusted, programOf }) => {
    const program = await programOf(testUser, { permissions: ['product.manage'] })
    expect((await create(program)).statusCode).toBe(201)
    await trusted(async ({ db }) => {
      const [viewer] = await db.select().from(roles).where(eq(roles.codename, 'viewer'))
      const isTheirs = eq(userCompanyRoles.user_id, testUser.id)
      await db.update(userCompanyRoles).set({ role_id: viewer!.id }).where(isTheirs)
    })
    await expect.poll(async () => (await create(program)).json().code, polled).toBe('permission_denied')
    expect((await program.get('/auth/permissions')).json().permissions).toEqual(['product.read'])
  })

  test('but a change of password leaves it alone', async ({ testUser, trusted, programOf }) => {
    const program = await programOf(testUser)
    await trusted(({ db }) => db.update(users).set({ password_hash: 'another' }).where(eq(users.id, testUser.id)))
    expect((await program.get('/auth/me')).statusCode).toBe(200)
  })
})

describe('the last use of a key', () => {
  const lastUse = (db: Db) => db.select({ at: apiKeys.last_used_at }).from(apiKeys).orderBy(desc(apiKeys.id)).limit(1)
  /** Uses the key in a process that does not remember it, and says what is written then, when this was written before. */
  const using = test.extend('useIn', ({ engine, settings, authHeaders, testUser, trusted }) => {
    return async (before: string | null) => {
      await using own = await ownApp({ engine, settings })
      const { key } = (await callerOf(own.app, authHeaders(testUser)).post('/auth/api-keys', wanted)).json()
      const set = (last_used_at: string | null) => trusted(({ db }) => db.update(apiKeys).set({ last_used_at }))
      const use = async () => {
        expect((await callerOf(own.app, bearer(key)).get('/auth/me')).statusCode).toBe(200)
        await own.app.auth.background.settled()
        return (await trusted(({ db }) => lastUse(db)))[0]?.at
      }
      await set(before)
      const first = await use()
      await set(null)
      return { first, second: await use() }
    }
  })

  using('is written once a minute at most, also by two processes', async ({ useIn }) => {
    const now = Date.now()
    const [young, old] = [new Date(now - 30_000).toISOString(), new Date(now - 90_000).toISOString()]
    expect(await useIn(young)).toEqual({ first: young, second: null })
    expect(Date.parse(String((await useIn(old)).first))).toBeGreaterThan(now - 1000)
  })

  using('is written for a key that never was used', async ({ useIn }) => {
    expect(await useIn(null)).toEqual({ first: expect.any(String), second: null })
  })

  test('makes no process forget its owner', async ({
    engine,
    app,
    testUser,
    stranger,
    trusted,
    programOf,
    onTestFinished,
  }) => {
    const program = await programOf(testUser)
    const heard: string[] = []
    const { promise: last, resolve } = Promise.withResolvers<void>()
    const hear = (payload: string) => {
      heard.push(payload)
      if (payload === String(stranger.id)) resolve()
    }
    const listener = await engine.listen('fastvue_access', hear, () => {})
    onTestFinished(() => listener.close())
    expect((await program.get('/auth/me')).statusCode).toBe(200)
    await app.auth.background.settled()
    expect((await trusted(({ db }) => lastUse(db)))[0]?.at).not.toBeNull()
    await trusted(({ db }) => db.update(users).set({ full_name: 'Other' }).where(eq(users.id, stranger.id)))
    await last
    expect(heard).toEqual([String(stranger.id)])
  })
})

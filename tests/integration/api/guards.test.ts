import { eq } from 'drizzle-orm'
import { apiKeys, roles, userCompanyRoles } from '../../../app/models/index.ts'
import { keyHash, newApiKey } from '../../../app/core/api-keys.ts'
import type { App } from '../../../app/api/http/type-provider.ts'
import { getCurrentUser, requirePermissions, requireRoles } from '../../../app/api/deps/auth.ts'
import { addMember, addRole } from '../../support/people.ts'
import { describe, expect, test as base, type TestUser } from '../../support/fixtures.ts'
import { ownApp } from '../../support/own-app.ts'

/** An app with a route behind each kind of guard. */
const test = base
  .extend('guarded', async ({ engine, settings }, { onCleanup }) => {
    const { app, ...own } = await ownApp({ engine, settings })
    onCleanup(() => own[Symbol.asyncDispose]())
    const whoami = async (request: Parameters<typeof getCurrentUser>[0]) => ({ id: getCurrentUser(request).id })
    app.get('/both', requirePermissions(['product:read', 'user.update']), whoami)
    app.get('/one-of', requireRoles(['admin', 'manager']), whoami)
    app.get('/local', requireRoles(['local']), whoami)
    return app
  })
  .extend(
    'ask',
    ({ guarded, authHeaders }) =>
      (user: TestUser, url: string, company_id?: number) =>
        answer(guarded, url, { ...authHeaders(user), ...(company_id && { 'x-company-id': String(company_id) }) }),
  )

async function answer(app: App, url: string, headers: Record<string, string>) {
  const reply = await app.inject({ url, headers })
  return [reply.statusCode, reply.json().detail ?? 'in']
}

describe('requirePermissions', () => {
  test('lets in who holds all of them, in either spelling, and names what is missing', async ({
    ask,
    adminUser,
    testUser,
    viewerUser,
  }) => {
    expect(await ask(testUser, '/both')).toEqual([200, 'in'])
    expect(await ask(adminUser, '/both')).toEqual([200, 'in']) // by user.manage, too
    expect(await ask(viewerUser, '/both')).toEqual([403, 'Missing permission: user.update'])
  })

  test('counts roles and groups of the request’s company together, and of no other', async ({
    ask,
    trusted,
    stranger,
    testCompany,
    otherCompany,
  }) => {
    const [reads, updates] = await trusted(async ({ db }) => {
      const ids = [
        await addRole(db, { permissions: ['product.read'] }),
        await addRole(db, { permissions: ['user.update'] }),
      ]
      await addMember(db, stranger, testCompany, ids[0]!)
      await addMember(db, stranger, otherCompany, ids[1]!)
      return ids
    })
    const inTest = { ...stranger, company_id: testCompany.id }
    expect(await ask(inTest, '/both')).toEqual([403, 'Missing permission: user.update'])
    // In another company than the token's, nothing is named.
    expect(await ask(inTest, '/both', otherCompany.id)).toEqual([403, 'You may not do this in that company'])
    await addMember(trusted, stranger, testCompany, updates!)
    await expect.poll(() => ask(inTest, '/both')).toEqual([200, 'in'])
    await addMember(trusted, stranger, otherCompany, reads!)
    await expect.poll(() => ask(inTest, '/both', otherCompany.id)).toEqual([200, 'in'])
  })

  test('lets superusers in, in any company', async ({ ask, superuser, otherCompany }) => {
    expect(await ask(superuser, '/both')).toEqual([200, 'in'])
    expect(await ask(superuser, '/both', otherCompany.id)).toEqual([200, 'in'])
  })
})

describe('requireRoles', () => {
  test('lets in who has one of them', async ({ ask, adminUser, testUser, viewerUser }) => {
    expect(await ask(adminUser, '/one-of')).toEqual([200, 'in'])
    expect(await ask(testUser, '/one-of')).toEqual([200, 'in'])
    expect(await ask(viewerUser, '/one-of')).toEqual([403, 'Missing role: admin or manager'])
  })

  test('lets superusers in, and nobody who is not logged in or in no company', async ({
    guarded,
    ask,
    superuser,
    stranger,
  }) => {
    expect(await ask(superuser, '/local')).toEqual([200, 'in'])
    expect(await ask(stranger, '/one-of')).toEqual([403, 'Choose a company first'])
    expect(await answer(guarded, '/one-of', {})).toEqual([401, 'Not authenticated'])
  })

  test('counts active roles in the request’s company alone', async ({
    ask,
    trusted,
    viewerUser,
    otherCompany,
    testCompany,
  }) => {
    const own = await trusted(async ({ db }) => {
      const named = { codename: 'local', name: 'Local' }
      const theirs = await addRole(db, { ...named, company_id: otherCompany.id })
      await addMember(db, viewerUser, otherCompany, theirs)
      await addMember(db, viewerUser, testCompany, theirs) // a role of another company is none here
      const id = await addRole(db, { ...named, company_id: testCompany.id, is_active: false })
      await addMember(db, viewerUser, testCompany, id)
      return id
    })
    expect(await ask(viewerUser, '/local')).toEqual([403, 'Missing role: local'])
    expect(await ask(viewerUser, '/local', otherCompany.id)).toEqual([200, 'in'])
    await trusted(({ db }) => db.update(roles).set({ is_active: true }).where(eq(roles.id, own)))
    await expect.poll(() => ask(viewerUser, '/local')).toEqual([200, 'in'])
  })

  test('ends with the membership', async ({ ask, trusted, adminUser }) => {
    expect(await ask(adminUser, '/one-of')).toEqual([200, 'in'])
    await trusted(({ db }) => db.update(userCompanyRoles).set({ is_active: false }))
    await expect.poll(() => ask(adminUser, '/one-of')).toEqual([403, 'Choose a company first'])
  })

  test('is for people: an API key has no roles, though it may have the permissions', async ({
    guarded,
    trusted,
    adminUser,
    testCompany,
  }) => {
    const key = newApiKey()
    const permissions = ['product.read', 'user.update']
    await trusted(({ db }) =>
      db
        .insert(apiKeys)
        .values({ user_id: adminUser.id, company_id: testCompany.id, name: 'k', key_hash: keyHash(key), permissions }),
    )
    const headers = { authorization: `Bearer ${key}` }
    expect(await answer(guarded, '/one-of', headers)).toEqual([403, 'Missing role: admin or manager'])
    expect(await answer(guarded, '/both', headers)).toEqual([200, 'in'])
  })
})

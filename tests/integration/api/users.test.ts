import { eq } from 'drizzle-orm'
import { keyHash, newApiKey } from '../../../app/core/api-keys.ts'
import {
  apiKeys,
  groupPermissions,
  groups,
  oneTimeTokens,
  permissions,
  userCompanyRoles,
  userGroups,
  users,
} from '../../../app/models/index.ts'
import { callerOf } from '../../support/caller.ts'
import { countingEngine } from '../../support/counting-engine.ts'
import { describe, expect, test } from '../../support/fixtures.ts'
import { ownApp } from '../../support/own-app.ts'
import { addMember, addPerson, newUser, systemRole } from '../../support/people.ts'

describe('a user', () => {
  test('is created as a member, with the role `member`, and can log in', async ({ as, adminUser, testCompany }) => {
    const reply = await as(adminUser).post('/users', { ...newUser, full_name: 'Nina', timezone: 'Europe/Berlin' })
    expect(reply.statusCode).toBe(201)
    const user = reply.json()
    expect(reply.headers.location).toBe(`/api/v1/users/${user.id}`)
    expect(user).toMatchObject({
      email: newUser.email,
      username: newUser.username,
      full_name: 'Nina',
      timezone: 'Europe/Berlin',
      language: 'en',
      is_active: true,
      is_verified: false,
      is_superuser: false,
      current_company_id: testCompany.id,
    })
    expect(reply.body).not.toMatch(/password|hash|owns/)
    const detail = (await as(adminUser).get(`/users/${user.id}`)).json()
    expect(detail.company_roles).toEqual([
      {
        company_id: testCompany.id,
        role_id: expect.any(Number),
        role_name: 'Member',
        role_codename: 'member',
        is_default: true,
        is_active: true,
      },
    ])
    expect(detail.permissions).toEqual(['user.read'])
    const { username, password } = newUser
    expect((await as().post('/auth/login', { username, password })).statusCode).toBe(200)
  })

  test('gets the role that is named', async ({ as, adminUser, trusted }) => {
    const role_id = await systemRole(trusted, 'manager')
    const { id } = (await as(adminUser).post('/users', { ...newUser, role_id })).json()
    expect((await as(adminUser).get(`/users/${id}`)).json().company_roles).toMatchObject([{ role_id }])
  })

  test('is shown with what roles and groups permit, in the company of the request alone', async ({
    as,
    adminUser,
    superuser,
    trusted,
    testCompany,
    otherCompany,
  }) => {
    const user = await addPerson(trusted, 'both', testCompany, { current_company_id: otherCompany.id })
    await addMember(trusted, user, otherCompany, 'admin')
    await trusted(async ({ db }) => {
      const named = { name: 'G', codename: 'g', company_id: testCompany.id }
      const [group] = await db.insert(groups).values(named).returning()
      const [permission] = await db.select().from(permissions).where(eq(permissions.name, 'product.read'))
      await db.insert(groupPermissions).values({ group_id: group!.id, permission_id: permission!.id })
      await db.insert(userGroups).values({ group_id: group!.id, user_id: user.id })
    })
    const seen = (await as(adminUser).get(`/users/${user.id}`)).json()
    expect(seen.company_roles.map(({ company_id }: { company_id: number }) => company_id)).toEqual([testCompany.id])
    expect(seen.permissions).toEqual(['product.read', 'user.read'])
    expect(seen.current_company_id).toBe(testCompany.id)
    const all = (await as(superuser).get(`/users/${user.id}`)).json()
    expect(all.company_roles).toHaveLength(2)
    expect(all.current_company_id).toBe(otherCompany.id)
    const items = (await as(adminUser).get('/users?username=both')).json().items
    expect(items).toMatchObject([{ id: user.id, current_company_id: testCompany.id }])
  })

  test('is shown alike once they have gone to work in another company', async ({
    as,
    adminUser,
    trusted,
    testUser,
    otherCompany,
  }) => {
    await addMember(trusted, testUser, otherCompany, 'viewer')
    const shown = async () => (await as(adminUser).get(`/users?id=${testUser.id}`)).body
    const before = await shown()
    const moved = await as(testUser).post('/auth/switch-company', { company_id: otherCompany.id })
    expect(moved.statusCode).toBe(200)
    expect(await shown()).toBe(before)
  })

  test('does not show when they last logged in, which may have been at another company’s', async ({
    as,
    adminUser,
    superuser,
    viewerUser,
    trusted,
    testCompany,
  }) => {
    const last_login_at = '2026-01-02T03:04:05.000Z'
    await trusted(({ db }) => db.update(users).set({ last_login_at }).where(eq(users.id, viewerUser.id)))
    const path = `/users/${viewerUser.id}`
    const shownTo = async (user: typeof viewerUser) => {
      const [one, list, members, changed] = [
        await as(user).get(path),
        await as(user).get('/users?username=viewer'),
        await as(user).get(`/companies/${testCompany.id}/users?username=viewer`),
        await as(user).patch(path, { bio: 'Views' }),
      ].map((reply) => reply.json())
      const shown = [one, list.items[0], members.items[0], changed]
      return [...new Set(shown.map((seen) => seen.last_login_at))]
    }
    expect(await shownTo(adminUser)).toEqual([null])
    expect(await shownTo(superuser)).toEqual([last_login_at])
    expect((await as(viewerUser).get(path)).json().last_login_at).toBe(last_login_at)
    expect((await as(viewerUser).get('/users/me')).json().last_login_at).toBe(last_login_at)
    for (const query of ['sort=last_login_at', 'last_login_at__gt=2026-01-01T00:00:00Z', 'last_login_at__isnull=true'])
      for (const list of ['/users', `/companies/${testCompany.id}/users`])
        expect((await as(adminUser).get(`${list}?${query}`)).statusCode).toBe(422)
  })

  test('that is inactive is shown as permitted nothing', async ({ as, adminUser, trusted, testCompany }) => {
    const { id } = await addPerson(trusted, 'off', testCompany, { is_active: false })
    expect((await as(adminUser).get(`/users/${id}`)).json().permissions).toEqual([])
  })

  test('is found by text, filter and order', async ({ as, adminUser }) => {
    const names = async (query: string) =>
      (await as(adminUser).get(`/users?${query}`)).json().items.map(({ username }: { username: string }) => username)
    expect(await names('q=VIEW')).toEqual(['viewer'])
    expect(await names('q=%25')).toEqual([])
    expect(await names('email__contains=manager')).toEqual(['manager'])
    expect(await names('is_superuser=true')).toEqual(['superuser'])
    expect(await names('sort=-username&page_size=2')).toEqual(['viewer', 'superuser'])
  })

  test('changes by PUT and PATCH, both partial', async ({ as, adminUser, viewerUser }) => {
    const put = await as(adminUser).put(`/users/${viewerUser.id}`, {
      full_name: 'Vera',
      website: 'https://example.com',
    })
    expect(put.json()).toMatchObject({ full_name: 'Vera', website: 'https://example.com', username: 'viewer' })
    const patch = await as(adminUser).patch(`/users/${viewerUser.id}`, { website: null })
    expect(patch.json()).toMatchObject({ full_name: 'Vera', website: null })
  })

  test('a reply sent back whole changes nothing and needs no rights over identities', async ({
    as,
    testUser,
    adminUser,
    trusted,
    viewerUser,
    otherCompany,
  }) => {
    await addMember(trusted, viewerUser, otherCompany, 'viewer')
    const { email, username, full_name, phone, is_active, is_verified, is_superuser } = (
      await as(adminUser).get(`/users/${viewerUser.id}`)
    ).json()
    const whole = { email, username, full_name, phone, is_active, is_verified, is_superuser }
    expect((await as(testUser).put(`/users/${viewerUser.id}`, whole)).statusCode).toBe(200)
  })
})

describe('a body', () => {
  const BAD: [string, object, string][] = [
    ['a NUL in the username', { username: 'ni\0na' }, 'username'],
    ['a NUL in the name', { full_name: 'ni\0na' }, 'full_name'],
    ['a NUL in the password', { password: 'long enough \0 it is' }, 'password'],
    ['a username with @', { username: 'a@b.example' }, 'username'],
    ['a short username', { username: 'ab' }, 'username'],
    ['a bad address', { email: 'nina' }, 'email'],
    ['a common password', { password: 'password123' }, 'password'],
    ['a short password', { password: 'short' }, 'password'],
    ['the own name as password', { username: 'ninanina', password: 'NinaNina' }, 'password'],
    ['a password of a megabyte', { password: 'x'.repeat(1_000_000) }, 'password'],
    ['an unknown field', { password_hash: 'x' }, 'password_hash'],
    ['ownership', { owns_email: true }, 'owns_email'],
    ['no such zone', { timezone: 'Mars/Base' }, 'timezone'],
    ['an offset, which is no zone', { timezone: '+01:00' }, 'timezone'],
    ['no language', { language: null }, 'language'],
    ['a script as website', { website: 'javascript:alert(1)' }, 'website'],
    ['a long bio', { bio: 'x'.repeat(10_001) }, 'bio'],
    ['a role of text', { role_id: 'admin' }, 'role_id'],
  ]
  test.for(BAD)('with %s is refused', async ([, change, field], { as, adminUser }) => {
    const started = performance.now()
    const reply = await as(adminUser).post('/users', { ...newUser, ...change })
    expect(reply.statusCode).toBe(422)
    expect(reply.json().detail).toContainEqual(expect.objectContaining({ loc: ['body', field] }))
    expect(performance.now() - started).toBeLessThan(1000)
  })

  test('tells the faults of the password with those of the other fields', async ({ as, adminUser }) => {
    const reply = await as(adminUser).post('/users', { ...newUser, username: 'a b', password: 'a b' })
    const faults = reply.json().detail.map(({ loc, type }: { loc: string[]; type: string }) => `${loc[1]} ${type}`)
    expect(faults).toEqual(['username invalid_format', 'password weak_password', 'password weak_password'])
  })

  test('tells every fault of a password', async ({ as, adminUser }) => {
    const reply = await as(adminUser).post('/users', { ...newUser, username: 'abc', password: 'abc' })
    const faults = reply.json().detail.map(({ msg }: { msg: string }) => msg)
    expect(faults).toEqual(['must have at least 8 characters', "must not be the user's own name or e-mail"])
  })

  test('cannot change a password', async ({ as, superuser, viewerUser }) => {
    const reply = await as(superuser).patch(`/users/${viewerUser.id}`, { password: 'a long enough password' })
    expect(reply.json().detail).toMatchObject([{ loc: ['body', 'password'], type: 'extra_forbidden' }])
  })
})

describe('one’s own profile', () => {
  test('is one’s own, without a company and without permissions', async ({ as, stranger, viewerUser, testCompany }) => {
    expect((await as(stranger).get('/users/me')).json()).toMatchObject({ id: stranger.id, current_company_id: null })
    expect((await as(viewerUser).get('/users/me')).json()).toMatchObject({
      id: viewerUser.id,
      current_company_id: testCompany.id,
    })
    const changed = await as(stranger).put('/users/me', { full_name: 'Stan', bio: 'Hello', language: 'de' })
    expect(changed.json()).toMatchObject({ id: stranger.id, full_name: 'Stan', bio: 'Hello', language: 'de' })
    expect((await as(stranger).get('/users/me')).json()).toMatchObject({ full_name: 'Stan' })
  })

  test.for(['username', 'is_active', 'is_superuser', 'is_verified', 'password', 'id', 'current_company_id'])(
    'cannot change %s',
    async (field, { as, viewerUser }) => {
      const reply = await as(viewerUser).patch('/users/me', { [field]: true })
      expect(reply.json().detail).toMatchObject([{ loc: ['body', field], type: 'extra_forbidden' }])
    },
  )

  test('has its e-mail changed by who may change it in every company', async ({
    as,
    viewerUser,
    adminUser,
    trusted,
    otherCompany,
  }) => {
    const refused = await as(viewerUser).patch('/users/me', { email: 'vera@example.com' })
    expect(refused.json().code).toBe('permission_denied')
    const changed = await as(adminUser).patch('/users/me', { email: 'adam@example.com' })
    expect(changed.json()).toMatchObject({ email: 'adam@example.com', is_verified: false })
    await addMember(trusted, adminUser, otherCompany, 'viewer')
    await expect
      .poll(async () => (await as(adminUser).patch('/users/me', { email: 'ada@example.com' })).statusCode)
      .toBe(403)
  })

  test('is not for API keys', async ({ app, trusted, adminUser, testCompany }) => {
    const key = newApiKey()
    await trusted(({ db }) =>
      db.insert(apiKeys).values({
        user_id: adminUser.id,
        company_id: testCompany.id,
        name: 'k',
        key_hash: keyHash(key),
        permissions: ['user.read', 'user.update'],
      }),
    )
    const program = callerOf(app, { authorization: `Bearer ${key}` })
    expect((await program.get('/users')).statusCode).toBe(200)
    expect((await program.get('/users/me')).json().code).toBe('session_required')
  })
})

describe('an e-mail address that changes', () => {
  test('is unverified, and ends the mails that are under way', async ({ as, adminUser, viewerUser, trusted }) => {
    const expires_at = new Date(Date.now() + 3_600_000).toISOString()
    await trusted(({ db }) =>
      db.insert(oneTimeTokens).values(
        ['password_reset', 'email_verification', 'passkey'].map((purpose) => {
          return { token_hash: purpose, purpose, user_id: viewerUser.id, expires_at }
        }),
      ),
    )
    const left = () => trusted(async ({ db }) => (await db.select().from(oneTimeTokens)).map(({ purpose }) => purpose))
    await as(adminUser).patch(`/users/${viewerUser.id}`, { email: 'VIEWER@example.com', phone: '1' })
    expect(await left()).toHaveLength(3)
    const reply = await as(adminUser).patch(`/users/${viewerUser.id}`, { email: 'vera@example.com' })
    expect(reply.json()).toMatchObject({ email: 'vera@example.com', is_verified: false })
    expect(await left()).toEqual(['passkey'])
  })
})

describe('lists', () => {
  test('show rows that break every rule of input', async ({ as, adminUser, trusted, testCompany }) => {
    const odd = { email: 'not an address', full_name: '', website: 'ftp:x', timezone: 'Mars', language: '' }
    const { id } = await addPerson(trusted, 'x', testCompany, {
      ...odd,
      avatar_url: 'javascript:1',
      bio: '\n'.repeat(20_000),
    })
    expect((await as(adminUser).get('/users')).statusCode).toBe(200)
    expect((await as(adminUser).get(`/users/${id}`)).json()).toMatchObject({ ...odd, username: 'x' })
  })

  test('take two statements, whatever the size of the page', async ({
    engine,
    settings,
    trusted,
    adminUser,
    testCompany,
    authHeaders,
  }) => {
    const role_id = await systemRole(trusted, 'member')
    await trusted(async ({ db }) => {
      const rows = Array.from({ length: 120 }, (_, n) => {
        return { username: `many${n}`, email: `many${n}@example.com`, password_hash: '' }
      })
      const made = await db.insert(users).values(rows).returning({ id: users.id })
      await db
        .insert(userCompanyRoles)
        .values(made.map(({ id }) => ({ user_id: id, company_id: testCompany.id, role_id })))
    })
    const counted = countingEngine(engine)
    await using own = await ownApp({ engine: counted.engine, settings })
    const admin = callerOf(own.app, authHeaders(adminUser))
    await admin.get('/users')
    for (const path of ['/users', `/companies/${testCompany.id}/users`]) {
      const cost = async (size: number) => {
        const before = counted.count()
        const reply = await admin.get(`${path}?page_size=${size}`)
        expect(reply.json().items).toHaveLength(size)
        return counted.count() - before
      }
      const few = path === '/users' ? 2 : 3 // the second looks for the company first
      await expect.poll(() => cost(1)).toBe(few) // the caller is read anew until all of those memberships were announced
      await expect.poll(() => cost(100)).toBe(few)
    }
  })
})

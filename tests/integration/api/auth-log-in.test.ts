import { eq } from 'drizzle-orm'
import { sessions, users } from '../../../app/models/index.ts'
import { hashPassword } from '../../../app/core/passwords.ts'
import { permissionsOfRole } from '../../support/people.ts'
import { PASSWORD, describe, expect, test } from '../../support/fixtures.ts'

const withoutId = ({ request_id: _, ...body }: { request_id: string }) => body

describe('log-in', () => {
  test.for(['manager', 'MANAGER', 'manager@example.com', 'Manager@Example.COM'])(
    'accepts %s',
    async (username, { as }) => {
      const reply = await as().post('/auth/login', { username, password: PASSWORD })
      expect(reply.statusCode).toBe(200)
      expect(reply.json()).toMatchObject({ token_type: 'bearer', user: { username: 'manager' } })
    },
  )

  test('answers with tokens that work, the user, their companies and permissions, and no hash', async ({
    as,
    testCompany,
  }) => {
    const reply = await as().post('/auth/login', { username: 'viewer', password: PASSWORD })
    const { access_token, user, companies, permissions, expires_in } = reply.json()
    expect(user).toMatchObject({ email: 'viewer@example.com', current_company_id: testCompany.id })
    expect(companies).toEqual([{ id: testCompany.id, name: 'Test Company', code: 'TEST', is_default: true }])
    expect(permissions).toEqual(permissionsOfRole('viewer'))
    expect(permissions).toContain('product.read')
    expect(expires_in).toBe(30 * 60)
    expect(reply.body).not.toMatch(/password|argon2/)
    const me = await as().get('/auth/me', undefined, { authorization: `Bearer ${access_token}` })
    expect(me.json()).toEqual(user)
  })

  test('takes a form, as the docs page sends it', async ({ as }) => {
    const form = new URLSearchParams({ grant_type: 'password', username: 'manager', password: PASSWORD, scope: '' })
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    const reply = await as().post('/auth/login', form.toString(), type)
    expect(reply.statusCode).toBe(200)
    expect(reply.json().token_type).toBe('bearer')
  })

  test('says the same to a wrong password, an unknown user and an inactive one', async ({
    as,
    trusted,
    viewerUser,
  }) => {
    await trusted(({ db }) => db.update(users).set({ is_active: false }).where(eq(users.id, viewerUser.id)))
    const attempts = [
      { username: 'manager', password: 'wrong' },
      { username: 'nobody', password: PASSWORD },
      { username: 'viewer', password: PASSWORD },
    ]
    for (const attempt of attempts) {
      const reply = await as().post('/auth/login', attempt)
      expect(reply.statusCode).toBe(401)
      expect(reply.headers['www-authenticate']).toBe('Bearer')
      expect(withoutId(reply.json())).toEqual({ detail: 'Incorrect username or password', code: 'invalid_credentials' })
    }
  })

  test('of a name that is also somebody else’s e-mail address goes by the password', async ({
    as,
    trusted,
    viewerUser,
    testUser,
  }) => {
    const password_hash = await hashPassword('another long secret')
    const changes = { username: 'manager@example.com', password_hash }
    await trusted(({ db }) => db.update(users).set(changes).where(eq(users.id, viewerUser.id)))
    const reply = await as().post('/auth/login', { username: 'manager@example.com', password: 'another long secret' })
    expect(reply.json().user.id).toBe(viewerUser.id)
    const other = await as().post('/auth/login', { username: 'manager@example.com', password: PASSWORD })
    expect(other.json().user.id).toBe(testUser.id)
  })

  test.for([
    ['no body', undefined, [['body', 'invalid_type']]],
    [
      'no field',
      {},
      [
        ['username', 'missing'],
        ['password', 'missing'],
      ],
    ],
    ['a megabyte of password', { username: 'manager', password: 'x'.repeat(1e6) }, [['password', 'too_big']]],
    ['NUL in the username', { username: 'edi\0tor', password: 'x' }, [['username', 'not_storable']]],
    ['an unknown field', { username: 'manager', password: PASSWORD, admin: true }, [['admin', 'extra_forbidden']]],
    [
      'another type',
      { username: ['manager'], password: 1 },
      [
        ['username', 'invalid_type'],
        ['password', 'invalid_type'],
      ],
    ],
  ] as const)('refuses %s with 422', async ([, body, faults], { as }) => {
    const reply = await as().post('/auth/login', body)
    expect(reply.statusCode).toBe(422)
    const told = reply.json().detail.map(({ loc, type }: { loc: string[]; type: string }) => [loc.at(-1), type])
    expect(told).toEqual(faults)
  })

  test('of a user without a company works, in no company', async ({ as, stranger }) => {
    const reply = await as().post('/auth/login', { username: 'stranger', password: PASSWORD })
    expect(reply.json()).toMatchObject({
      companies: [],
      permissions: [],
      user: { id: stranger.id, current_company_id: null },
    })
  })

  test('remembers where it came from', async ({ as, trusted, testUser }) => {
    await as().post('/auth/login', { username: 'manager', password: PASSWORD }, { 'user-agent': 'a'.repeat(2000) })
    const kept = await trusted(({ db }) => db.select().from(sessions).where(eq(sessions.user_id, testUser.id)))
    expect(kept.at(-1)).toMatchObject({ ip_address: '127.0.0.1', user_agent: 'a'.repeat(500) })
  })
})

describe('who one is', () => {
  test('me has the company of the request, and no hash', async ({ as, superuser, otherCompany }) => {
    const reply = await as(superuser).get('/auth/me', undefined, { 'x-company-id': String(otherCompany.id) })
    expect(reply.json()).toMatchObject({ id: superuser.id, current_company_id: otherCompany.id })
    expect(reply.body).not.toContain('password')
  })

  test('permissions are those in the company of the request', async ({ as, viewerUser, stranger }) => {
    expect((await as(viewerUser).get('/auth/permissions')).json()).toEqual({
      permissions: permissionsOfRole('viewer'),
      roles: ['viewer'],
      is_superuser: false,
    })
    const nothing = { permissions: [], roles: [], is_superuser: false }
    expect((await as(stranger).get('/auth/permissions')).json()).toEqual(nothing)
  })
})

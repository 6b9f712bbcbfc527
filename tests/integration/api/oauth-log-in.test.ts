import { eq, sql } from 'drizzle-orm'
import { oauthAccounts, users } from '../../../app/models/index.ts'
import { Browser } from '../../support/browser.ts'
import { describe, expect } from '../../support/fixtures.ts'
import { VIEWER, bodyOf, oauthWorld, outcomeOf, test } from '../../support/oauth-world.ts'
import { wholeList } from '../../support/whole-list.ts'

describe('the way to a provider', () => {
  test('is told by name', async ({ world }) => {
    const reply = await fetch(`${world.at}/providers`)
    expect(await bodyOf(reply)).toEqual(wholeList([{ name: 'test' }, { name: 'second' }]))
  })

  test('carries state, nonce and PKCE, and leaves the state in the browser', async ({ world }) => {
    const reply = await new Browser().get(`${world.at}/test/authorize`)
    expect(reply.status).toBe(302)
    const { origin, searchParams } = new URL(reply.headers.get('location') ?? '')
    expect(origin).toBe(world.provider.url)
    const sent = Object.fromEntries(searchParams)
    expect(sent).toEqual({
      response_type: 'code',
      client_id: 'fastvue',
      scope: 'openid email',
      redirect_uri: `${world.at}/test/callback`,
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    })
    expect(reply.headers.getSetCookie()).toEqual([
      `fastvue_oauth=${sent['state']}; Max-Age=600; Path=/api/v1/auth/oauth/test/callback; HttpOnly; SameSite=Lax`,
    ])
  })

  test('goes by PUBLIC_URL where it is set, and then its cookie needs TLS', async ({ engine }) => {
    await using world = await oauthWorld({ engine, env: { PUBLIC_URL: 'https://shop.example.com/backend/' } })
    const reply = await new Browser().get(`${world.at}/test/authorize`, {
      accept: 'text/html',
      host: 'evil.example.com',
    })
    const sent = new URL(reply.headers.get('location') ?? '').searchParams
    expect(sent.get('redirect_uri')).toBe('https://shop.example.com/backend/api/v1/auth/oauth/test/callback')
    const [cookie] = reply.headers.getSetCookie()
    expect(cookie).toMatch(/; Path=\/backend\/api\/v1\/auth\/oauth\/test\/callback; HttpOnly; Secure; SameSite=Lax$/)
  })

  test('of an unknown provider is not there', async ({ world }) => {
    for (const name of ['nobody', 'Test', '..%2Ftest', 'a;b', '__proto__'])
      for (const way of ['authorize', 'callback?code=1&state=2'])
        expect([name, (await new Browser().get(`${world.at}/${name}/${way}`)).status]).toEqual([name, 404])
  })
})

describe('a log-in at a provider', () => {
  test('opens the account whose address both sides have verified, and links it', async ({
    world,
    trusted,
    viewerUser,
  }) => {
    const reply = await world.logIn(VIEWER)
    expect(reply.status).toBe(200)
    const { user, companies, permissions, access_token } = await bodyOf(reply)
    expect(user).toMatchObject({ id: viewerUser.id, email: 'viewer@example.com' })
    expect(companies).toHaveLength(1)
    expect(permissions).toContain('product.read')
    const me = await world.app.inject({
      url: '/api/v1/auth/me',
      headers: { authorization: `Bearer ${access_token}` },
    })
    expect(me.json()).toEqual(user)
    const links = await trusted(({ db }) => db.select().from(oauthAccounts))
    expect(links).toMatchObject([{ user_id: viewerUser.id, provider: 'test', subject: 'v-1', email: VIEWER.email }])
  })

  test('finds the same account again when the address at the provider has changed', async ({ world, viewerUser }) => {
    await world.logIn(VIEWER)
    const again = await world.logIn({ sub: 'v-1', email: 'manager@example.com', email_verified: false })
    expect((await bodyOf(again)).user.id).toBe(viewerUser.id)
    const without = await world.logIn({ sub: 'v-1' })
    expect((await bodyOf(without)).user.id).toBe(viewerUser.id)
  })

  test.for([{ emailInIdToken: true }, { authentication: 'client_secret_basic' as const }])(
    'works with a provider of %j',
    async (options, { engine, viewerUser }) => {
      await using world = await oauthWorld({ engine, ...options })
      expect((await bodyOf(world.logIn(VIEWER))).user.id).toBe(viewerUser.id)
    },
  )

  test.for([
    { ...VIEWER, email_verified: false },
    { sub: 'v-1', email: 'viewer@example.com' },
    { sub: 'v-1', email_verified: true },
    { sub: 'v-1', email: 'not an address', email_verified: true },
    { sub: 'n-1', email: 'nobody@example.com', email_verified: true },
  ])('of %j is refused', async (person, { world, trusted }) => {
    const reply = await world.logIn(person)
    expect(reply.status).toBe(401)
    expect(await bodyOf(reply)).toMatchObject({
      code: 'oauth_failed',
      detail: expect.stringMatching(/^There is no acc/),
    })
    expect(await trusted(({ db }) => db.select().from(oauthAccounts))).toEqual([])
  })

  test.for([
    ['nobody has verified the address here', { is_verified: false }],
    ['the account is inactive', { is_active: false }],
    ['the account is deleted', { is_deleted: true }],
    ['the address is another’s, and only noted here too', { owns_email: false }],
  ] as const)(
    'is refused when %s, in the words of no account at all',
    async ([, change], { world, trusted, viewerUser }) => {
      const nobody = await bodyOf(world.logIn({ ...VIEWER, sub: 'n-1', email: 'nobody@example.com' }))
      await trusted(({ db }) => db.update(users).set(change).where(eq(users.id, viewerUser.id)))
      const reply = await world.logIn(VIEWER)
      expect(reply.status).toBe(401)
      expect(await bodyOf(reply)).toEqual({ ...nobody, request_id: expect.anything() })
      expect(await trusted(({ db }) => db.select().from(oauthAccounts))).toEqual([])
    },
  )

  test('into a linked account ends when the account does', async ({ world, trusted, viewerUser }) => {
    expect((await world.logIn(VIEWER)).status).toBe(200)
    for (const change of [{ is_active: false }, { is_active: true, is_deleted: true }]) {
      await trusted(({ db }) => db.update(users).set(change).where(eq(users.id, viewerUser.id)))
      const reply = await world.logIn(VIEWER)
      expect(await outcomeOf(reply)).toEqual([401, 'oauth_failed'])
    }
    const back = { is_deleted: false }
    await trusted(({ db }) => db.update(users).set(back).where(eq(users.id, viewerUser.id)))
    expect((await world.logIn(VIEWER)).status).toBe(200)
  })

  test('opens no locked account, and leaves it locked', async ({ world, trusted, viewerUser }) => {
    const lock = { locked_until: sql`now() + interval '1 minute'`, failed_login_attempts: 5 }
    await trusted(({ db }) => db.update(users).set(lock).where(eq(users.id, viewerUser.id)))
    for (const _ of [1, 2]) expect(await bodyOf(world.logIn(VIEWER))).toMatchObject({ code: 'account_locked' })
  })

  test('that the person breaks off tells nothing of the provider’s words', async ({ world }) => {
    const reply = await world.logIn(undefined)
    expect(reply.status).toBe(401)
    const text = await reply.text()
    expect(JSON.parse(text)).toMatchObject({ code: 'oauth_failed' })
    expect(text).not.toMatch(/NO-THANKS|access_denied/)
    expect(world.lines()).toContainEqual(expect.objectContaining({ reason: 'access_denied' }))
  })

  test('with a client secret that is wrong fails, and the log says why', async ({ engine }) => {
    await using world = await oauthWorld({ engine, env: { OIDC_TEST_CLIENT_SECRET: 'WRONG-SECRET' } })
    expect((await world.logIn(VIEWER)).status).toBe(401)
    expect(world.lines()).toContainEqual(expect.objectContaining({ reason: 'invalid_client' }))
    expect(JSON.stringify(world.lines())).not.toContain('WRONG-SECRET')
  })
})

describe('where anybody may register', () => {
  const env = { REGISTRATION_ENABLED: 'true' }

  test('a verified address that nobody has gets an account, without company or password', async ({
    engine,
    trusted,
  }) => {
    await using world = await oauthWorld({ engine, env })
    const person = { sub: 'n-1', email: 'New.Person+shop@example.com', email_verified: true }
    const { user, companies, permissions } = await bodyOf(world.logIn(person))
    expect(user).toMatchObject({ email: person.email, username: 'New.Personshop', is_verified: true })
    expect({ companies, permissions, admin: user.is_superuser }).toEqual({
      companies: [],
      permissions: [],
      admin: false,
    })
    const [row] = await trusted(({ db }) => db.select().from(users).where(eq(users.id, user.id)))
    expect(row?.password_hash).toBe('')
    expect((await bodyOf(world.logIn(person))).user.id).toBe(user.id)
  })

  test.for([
    ['manager@other.example.com', /^manager\d+$/],
    ['MANAGER@other.example.com', /^MANAGER\d+$/],
    ['e@other.example.com', /^usere$/],
    ["o'brien@other.example.com", /^obrien$/],
    [`${'l'.repeat(60)}@other.example.com`, /^l{40}$/],
  ] as const)('%s gets a username that is free and by the rules', async ([email, username], { engine }) => {
    await using world = await oauthWorld({ engine, env })
    const { user } = await bodyOf(world.logIn({ sub: 'n-1', email, email_verified: true }))
    expect(user.username).toMatch(username)
  })

  test('two people of one name both get in', async ({ engine }) => {
    await using world = await oauthWorld({ engine, env })
    const names = new Set<string>()
    for (const host of ['a', 'b', 'c', 'd']) {
      const reply = await world.logIn({ sub: host, email: `sam@${host}.example.com`, email_verified: true })
      names.add((await bodyOf(reply)).user.username)
    }
    expect(names.size).toBe(4)
  })

  test('an address that is not verified gets none, nor one that an unverified account here has', async ({
    engine,
    trusted,
    viewerUser,
  }) => {
    await using world = await oauthWorld({ engine, env })
    await trusted(({ db }) => db.update(users).set({ is_verified: false }).where(eq(users.id, viewerUser.id)))
    for (const person of [VIEWER, { sub: 'n-1', email: 'new@example.com', email_verified: false }]) {
      const reply = await world.logIn(person)
      expect(await outcomeOf(reply)).toEqual([401, 'oauth_failed'])
    }
    expect(await trusted(({ db }) => db.select().from(oauthAccounts))).toEqual([])
  })
})

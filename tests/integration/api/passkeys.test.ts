import { eq, sql } from 'drizzle-orm'
import { newApiKey, keyHash } from '../../../app/core/api-keys.ts'
import { apiKeys, oneTimeTokens, passkeys, users } from '../../../app/models/index.ts'
import { Authenticator, type Oddities } from '../../support/authenticator.ts'
import { type Caller, callerOf } from '../../support/caller.ts'
import { PASSWORD, describe, expect, test } from '../../support/fixtures.ts'
import { ownApp } from '../../support/own-app.ts'
import { testSettings } from '../../support/settings.ts'
import { logInWith, statusesOf, turnOn } from '../../support/two-factor.ts'
import { wholeList } from '../../support/whole-list.ts'

type CreationOptions = Parameters<Authenticator['create']>[0]

const REFUSED = { code: 'invalid_credentials', detail: 'This passkey does not log in here' }
const withoutId = ({ request_id: _, ...body }: { request_id: string }) => body

const creationOptions = async (user: Caller, body: object = { password: PASSWORD }) =>
  (await user.post('/auth/passkeys/register/options', body)).json<CreationOptions>()
const requestOptions = async (caller: Caller) =>
  (await caller.post('/auth/passkeys/login/options')).json<{ challenge: string }>()
const keep = (user: Caller, credential: object, name?: string) =>
  user.post('/auth/passkeys/register/verify', { credential, name })
const logIn = (caller: Caller, credential: object) => caller.post('/auth/passkeys/login/verify', { credential })

/** Registers a passkey of the user's. */
async function register(user: Caller, authenticator = new Authenticator(), body?: object) {
  const reply = await keep(user, authenticator.create(await creationOptions(user, body)), 'Laptop')
  return { authenticator, reply, id: reply.json<{ id: number }>().id }
}

describe('registration', () => {
  test('asks for a discoverable credential of a verified user, none of their own again', async ({ as, testUser }) => {
    const user = as(testUser)
    const { authenticator } = await register(user)
    const options = await creationOptions(user)
    expect(options).toMatchObject({
      rp: { id: 'localhost', name: 'FastVue' },
      user: { name: 'manager@example.com' },
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      excludeCredentials: [{ id: authenticator.id.toString('base64url'), type: 'public-key' }],
    })
    expect(Buffer.from(options.challenge, 'base64url')).toHaveLength(32)
  })

  test('keeps the passkey under its name', async ({ as, testUser, viewerUser }) => {
    const { reply } = await register(as(testUser))
    expect(reply.statusCode).toBe(201)
    const passkey = { id: expect.any(Number), name: 'Laptop', created_at: expect.any(String), last_used_at: null }
    expect(reply.json()).toEqual(passkey)
    expect(reply.headers.location).toBe(`/api/v1/auth/passkeys/${reply.json().id}`)
    expect((await as(testUser).get('/auth/passkeys')).json()).toEqual(wholeList([passkey]))
    expect((await as(viewerUser).get('/auth/passkeys')).json()).toEqual(wholeList([]))
  })

  test('needs the password, and a code where two-factor log-in is on', async ({ as, testUser }) => {
    const user = as(testUser)
    const options = (body: object) => user.post('/auth/passkeys/register/options', body)
    expect((await options({})).statusCode).toBe(422)
    expect((await options({ password: 'wrong password' })).json().detail).toBe('Incorrect password')
    expect((await options({ password: PASSWORD })).statusCode).toBe(200)
    const { backup_codes } = await turnOn(user)
    expect((await options({ password: PASSWORD })).json()).toMatchObject({ code: 'bad_request' })
    expect((await options({ password: PASSWORD, code: backup_codes[0] })).statusCode).toBe(200)
  })

  test.for<[string, Oddities]>([
    ['another origin', { origin: 'https://evil.example' }],
    ['another domain', { rpId: 'evil.example' }],
    ['a user who was not verified', { verified: false }],
    ['an assertion', { type: 'webauthn.get' }],
    ['a certificate, which nobody asked for', { attested: 'by its maker' }],
  ])('refuses %s', async ([, odd], { as, testUser }) => {
    const user = as(testUser)
    const reply = await keep(user, new Authenticator().create(await creationOptions(user), odd))
    expect(reply.json()).toMatchObject({ code: 'bad_request' })
    expect((await user.get('/auth/passkeys')).json().items).toEqual([])
  })

  test('takes what an authenticator says of itself', async ({ as, testUser }) => {
    const user = as(testUser)
    const made = new Authenticator().create(await creationOptions(user), { attested: 'by itself' })
    expect((await keep(user, made)).statusCode).toBe(201)
  })

  test('takes a challenge once, from its user, and not one for log-in', async ({ as, testUser, viewerUser }) => {
    const user = as(testUser)
    const options = await creationOptions(user)
    const made = new Authenticator().create(options)
    expect((await keep(as(viewerUser), made)).statusCode).toBe(400)
    expect((await keep(user, made)).statusCode).toBe(400) // used up by the other's attempt
    const again = await creationOptions(user)
    expect((await keep(user, new Authenticator().create(again))).statusCode).toBe(201)
    expect((await keep(user, new Authenticator().create(again))).statusCode).toBe(400)
    const { challenge } = await requestOptions(as())
    expect((await keep(user, new Authenticator().create({ ...options, challenge }))).statusCode).toBe(400)
  })

  test('refuses a credential that somebody has', async ({ as, testUser, viewerUser }) => {
    const { authenticator } = await register(as(testUser))
    const { reply } = await register(as(viewerUser), authenticator)
    expect(reply.json()).toMatchObject({ code: 'duplicate' })
  })

  test('ends at twenty', async ({ as, trusted, testUser }) => {
    const user = as(testUser)
    const row = (credential_id: string) => ({ user_id: testUser.id, name: 'x', credential_id, public_key: '' })
    const rows = Array.from({ length: 19 }, (_, n) => ({ ...row(String(n)), counter: 0 }))
    await trusted(({ db }) => db.insert(passkeys).values(rows))
    const made: object[] = []
    for (let n = 0; n < 6; n++) made.push(new Authenticator().create(await creationOptions(user)))
    const replies = await Promise.all(made.map((credential) => keep(user, credential)))
    expect(statusesOf(replies)).toEqual([201, 400, 400, 400, 400, 400])
    const reply = await user.post('/auth/passkeys/register/options', { password: PASSWORD })
    expect(reply.json().detail).toContain('20 passkeys')
  })
})

describe('log-in by passkey alone', () => {
  test('starts a session, password and code unasked', async ({ as, testUser }) => {
    const { authenticator } = await register(as(testUser))
    const { backup_codes } = await turnOn(as(testUser))
    expect(backup_codes).toHaveLength(10)
    const reply = await logIn(as(), authenticator.get(await requestOptions(as())))
    expect(reply.statusCode).toBe(200)
    expect(reply.json()).toMatchObject({ token_type: 'bearer', user: { username: 'manager' } })
    const me = await as().get('/auth/me', undefined, { authorization: `Bearer ${reply.json().access_token}` })
    expect(me.json()).toMatchObject({ id: testUser.id })
    const [passkey] = (await as(testUser).get('/auth/passkeys')).json().items
    expect(passkey.last_used_at).toEqual(expect.any(String))
  })

  test('asks everybody the same, and names no account', async ({ as, testUser }) => {
    await register(as(testUser))
    const reply = await as().post('/auth/passkeys/login/options')
    expect(reply.json()).toEqual({
      challenge: expect.stringMatching(/^[\w-]{43}$/),
      rpId: 'localhost',
      allowCredentials: [],
      userVerification: 'required',
      timeout: 300_000,
    })
  })

  test.for<[string, Oddities]>([
    ['another origin', { origin: 'https://evil.example' }],
    ['another domain', { rpId: 'evil.example' }],
    ['a user who was not verified', { verified: false }],
    ['an attestation', { type: 'webauthn.create' }],
    ['a counter that went back', { counter: 2 }],
    ['a counter that stood still', { counter: 5 }],
    ['a counter that starts anew', { counter: 0 }],
    ['another user’s handle', { userHandle: Buffer.from('somebody').toString('base64url') }],
  ])('refuses %s', async ([, odd], { as, testUser }) => {
    const { authenticator } = await register(as(testUser), new Authenticator({ counter: 4 }))
    const reply = await logIn(as(), authenticator.get(await requestOptions(as()), odd))
    expect(reply.statusCode).toBe(401)
    expect(reply.json()).toMatchObject(REFUSED)
    expect((await logIn(as(), authenticator.get(await requestOptions(as())))).statusCode).toBe(200)
  })

  test('takes an authenticator that never counts', async ({ as, testUser }) => {
    const { authenticator } = await register(as(testUser), new Authenticator({ counter: Number.NaN }))
    for (const _ of [1, 2])
      expect((await logIn(as(), authenticator.get(await requestOptions(as())))).statusCode).toBe(200)
  })

  test('takes one of two that are copies of each other', async ({ as, testUser }) => {
    const { authenticator } = await register(as(testUser))
    const copies = [await requestOptions(as()), await requestOptions(as())]
    const signed = copies.map((options) => authenticator.get(options, { counter: 9 }))
    const replies = await Promise.all(signed.map((credential) => logIn(as(), credential)))
    expect(statusesOf(replies)).toEqual([200, 401])
  })

  test('refuses another key’s signature', async ({ as, testUser, viewerUser }) => {
    const { authenticator } = await register(as(testUser))
    const { authenticator: other } = await register(as(viewerUser))
    const forged = { ...other.get(await requestOptions(as())), id: authenticator.id.toString('base64url') }
    const { userHandle } = authenticator.get(await requestOptions(as())).response
    const response = { ...forged.response, userHandle }
    expect((await logIn(as(), { ...forged, rawId: forged.id, response })).json()).toMatchObject(REFUSED)
  })

  test('takes a challenge once, and not one for registration', async ({ as, testUser }) => {
    const { authenticator } = await register(as(testUser))
    const options = await requestOptions(as())
    const signed = authenticator.get(options)
    const replies = await Promise.all([logIn(as(), signed), logIn(as(), signed)])
    expect(statusesOf(replies)).toEqual([200, 401])
    expect((await logIn(as(), authenticator.get(options))).json()).toMatchObject(REFUSED)
    const foreign = authenticator.get(await creationOptions(as(testUser)))
    expect((await logIn(as(), foreign)).json()).toMatchObject(REFUSED)
    const invented = authenticator.get({ challenge: Buffer.alloc(32).toString('base64url') })
    expect((await logIn(as(), invented)).json()).toMatchObject(REFUSED)
  })

  test('takes no challenge that has expired', async ({ as, trusted, testUser }) => {
    const { authenticator } = await register(as(testUser))
    const options = await requestOptions(as())
    const [issued] = await trusted(({ db }) => db.select().from(oneTimeTokens))
    const minutes = (Date.parse(issued?.expires_at ?? '') - Date.now()) / 60_000
    expect(minutes).toBeGreaterThan(4.5)
    expect(minutes).toBeLessThanOrEqual(5)
    await trusted(({ db }) => db.update(oneTimeTokens).set({ expires_at: sql`now() - interval '1 second'` }))
    expect((await logIn(as(), authenticator.get(options))).json()).toMatchObject(REFUSED)
  })

  test('says the same to an unknown passkey, an inactive user’s and a deleted user’s', async ({
    as,
    trusted,
    testUser,
  }) => {
    const { authenticator } = await register(as(testUser))
    const change = (values: object) =>
      trusted(({ db }) => db.update(users).set(values).where(eq(users.id, testUser.id)))
    const attempt = async (by: Authenticator) => {
      const reply = await logIn(as(), by.get(await requestOptions(as())))
      return [reply.statusCode, withoutId(reply.json())]
    }
    const unknown = new Authenticator()
    unknown.create({ challenge: '', user: { id: 'AA' } })
    expect(await attempt(unknown)).toEqual([401, REFUSED])
    await change({ is_active: false })
    expect(await attempt(authenticator)).toEqual([401, REFUSED])
    await change({ is_active: true, is_deleted: true })
    expect(await attempt(authenticator)).toEqual([401, REFUSED])
    await change({ is_deleted: false })
    expect(await attempt(authenticator)).toEqual([200, expect.anything()])
  })

  test('is refused while the account is locked', async ({ as, trusted, testUser }) => {
    const { authenticator } = await register(as(testUser))
    const lock = (locked_until: string | null) =>
      trusted(({ db }) => db.update(users).set({ locked_until }).where(eq(users.id, testUser.id)))
    await lock(new Date(Date.now() + 60_000).toISOString())
    const attempt = async () => logIn(as(), authenticator.get(await requestOptions(as())))
    expect((await attempt()).json()).toMatchObject({ code: 'account_locked' })
    await lock(null)
    expect((await attempt()).statusCode).toBe(200)
  })

  test('works on the pages of BACKEND_CORS_ORIGINS too, for the domain of FRONTEND_URL', async ({
    as,
    engine,
    testUser,
    authHeaders,
  }) => {
    const settings = testSettings({
      FRONTEND_URL: 'https://example.com/app',
      BACKEND_CORS_ORIGINS: 'https://admin.example.com',
    })
    await using own = await ownApp({ engine, settings })
    const user = callerOf(own.app, authHeaders(testUser))
    for (const origin of ['https://example.com', 'https://admin.example.com']) {
      const authenticator = new Authenticator({ origin, rpId: 'example.com' })
      expect((await register(user, authenticator)).reply.statusCode).toBe(201)
      const nobody = callerOf(own.app)
      expect((await logIn(nobody, authenticator.get(await requestOptions(nobody)))).statusCode).toBe(200)
      // The app of the other tests is another domain.
      expect((await logIn(as(), authenticator.get(await requestOptions(as())))).json()).toMatchObject(REFUSED)
    }
  })

  test.for<[string, object]>([
    ['nothing', {}],
    ['no base64url', { credential: { id: 'ä', rawId: 'ä', type: 'public-key', response: {} } }],
    ['a credential of another type', { credential: { id: 'A', rawId: 'A', type: 'password', response: {} } }],
  ])('refuses %s with 422', async ([, body], { as }) => {
    expect((await as().post('/auth/passkeys/login/verify', body)).statusCode).toBe(422)
  })

  test.for(['e30', 'AA', 'bnVsbA', Buffer.from('{"challenge":["x"]}').toString('base64url')])(
    'is not upset by the client data %s',
    async (clientDataJSON, { as, testUser }) => {
      const { authenticator } = await register(as(testUser))
      const { response, ...rest } = authenticator.get(await requestOptions(as()))
      const reply = await logIn(as(), { ...rest, response: { ...response, clientDataJSON } })
      expect(reply.json()).toMatchObject(REFUSED)
    },
  )
})

describe('a passkey as second factor', () => {
  test('stands in for the code', async ({ as, testUser }) => {
    const { authenticator } = await register(as(testUser))
    await turnOn(as(testUser))
    expect((await logInWith(as(), 'manager')).json()).toMatchObject({ code: 'two_factor_required' })
    const passkey = authenticator.get(await requestOptions(as()))
    expect((await logInWith(as(), 'manager', { passkey })).statusCode).toBe(200)
    const replayed = await logInWith(as(), 'manager', { passkey })
    expect(replayed.json()).toMatchObject({ code: 'invalid_two_factor_code' })
  })

  test('of another user is refused, and counts as a failure', async ({ as, trusted, testUser, viewerUser }) => {
    await turnOn(as(testUser))
    const { authenticator } = await register(as(viewerUser))
    const passkey = authenticator.get(await requestOptions(as()))
    const reply = await logInWith(as(), 'manager', { passkey })
    expect(reply.json()).toMatchObject({ code: 'invalid_two_factor_code' })
    const [user] = await trusted(({ db }) => db.select().from(users).where(eq(users.id, testUser.id)))
    expect(user?.failed_login_attempts).toBe(1)
  })

  test('does not replace the password', async ({ as, testUser }) => {
    const { authenticator } = await register(as(testUser))
    await turnOn(as(testUser))
    const passkey = authenticator.get(await requestOptions(as()))
    const reply = await logInWith(as(), 'manager', { password: 'wrong password', passkey })
    expect(reply.json()).toMatchObject({ code: 'invalid_credentials' })
  })
})

describe('deletion', () => {
  test('ends a passkey', async ({ as, testUser }) => {
    const { authenticator, id } = await register(as(testUser))
    expect((await as(testUser).delete(`/auth/passkeys/${id}`)).statusCode).toBe(204)
    expect((await logIn(as(), authenticator.get(await requestOptions(as())))).json()).toMatchObject(REFUSED)
    expect((await as(testUser).delete(`/auth/passkeys/${id}`)).statusCode).toBe(404)
  })

  test('of another’s is the 404 of one that never was', async ({ as, testUser, superuser }) => {
    const { id } = await register(as(testUser))
    const ask = async (passkey: number) => {
      const reply = await as(superuser).delete(`/auth/passkeys/${passkey}`)
      return [reply.statusCode, withoutId(reply.json())]
    }
    expect(await ask(id)).toEqual(await ask(id + 1000))
    expect((await ask(id))[0]).toBe(404)
    expect((await as(testUser).get('/auth/passkeys')).json().items).toHaveLength(1)
  })
})

describe('one’s own second factor and passkeys', () => {
  const ROUTES = [
    ['post', '/auth/2fa/setup'],
    ['post', '/auth/2fa/verify'],
    ['post', '/auth/2fa/disable'],
    ['post', '/auth/2fa/backup-codes'],
    ['post', '/auth/passkeys/register/options'],
    ['post', '/auth/passkeys/register/verify'],
    ['get', '/auth/passkeys'],
    ['delete', '/auth/passkeys/1'],
  ] as const

  test.for(ROUTES)(
    'are no business of an API key or of nobody: %s %s',
    async ([method, path], { as, trusted, testUser }) => {
      const key = newApiKey()
      const { id: user_id, company_id } = testUser
      const row = { user_id, company_id: company_id ?? 0, name: 'key', key_hash: keyHash(key), permissions: [] }
      await trusted(({ db }) => db.insert(apiKeys).values(row))
      const byKey = await as()[method](path, undefined, { authorization: `Bearer ${key}` })
      expect(byKey.statusCode).toBe(403)
      expect(byKey.json()).toMatchObject({ code: 'session_required' })
      expect((await as()[method](path)).statusCode).toBe(401)
      expect([200, 400, 404, 422]).toContain((await as(testUser)[method](path)).statusCode)
    },
  )
})

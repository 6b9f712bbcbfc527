import { eq } from 'drizzle-orm'
import { afterEach, vi } from 'vitest'
import { totpSecrets, users } from '../../../app/models/index.ts'
import { hashPassword } from '../../../app/core/passwords.ts'
import { useCode } from '../../../app/services/auth/two-factor-codes.ts'
import { PASSWORD, describe, expect, test } from '../../support/fixtures.ts'
import { rowsOf } from '../../support/migrations.ts'
import { codeOf, forgetUse, logInWith, statusesOf, turnOn, wrongCodeOf } from '../../support/two-factor.ts'

afterEach(() => vi.useRealTimers())

/** Stops the clock in the middle of a 30-second step. */
const stopMidStep = () => vi.useFakeTimers({ now: Math.floor(Date.now() / 30_000) * 30_000 + 15_000, toFake: ['Date'] })

const FORM = /^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/
const REQUIRED = { code: 'two_factor_required' }
const WRONG = { code: 'invalid_two_factor_code' }

describe('set-up', () => {
  test('gives a secret, its address and a picture of that', async ({ as, testUser }) => {
    const reply = await as(testUser).post('/auth/2fa/setup')
    expect(reply.statusCode).toBe(200)
    const { secret, otpauth_url, qr_code } = reply.json()
    expect(secret).toMatch(/^[A-Z2-7]{32}$/)
    const url = new URL(otpauth_url)
    expect(decodeURIComponent(url.pathname)).toBe('/FastVue:manager@example.com')
    const parameters = { issuer: 'FastVue', secret, algorithm: 'SHA1', digits: '6', period: '30' }
    expect(Object.fromEntries(url.searchParams)).toEqual(parameters)
    expect(qr_code).toMatch(/^data:image\/png;base64,iVBORw0KGgo/)
  })

  test('guards nothing until a code of it was shown', async ({ as, testUser }) => {
    await as(testUser).post('/auth/2fa/setup')
    expect((await logInWith(as(), 'manager')).statusCode).toBe(200)
  })

  test('again replaces a secret that was not confirmed', async ({ as, testUser }) => {
    const user = as(testUser)
    const first = (await user.post('/auth/2fa/setup')).json()
    const second = (await user.post('/auth/2fa/setup')).json()
    const old = await user.post('/auth/2fa/verify', { code: codeOf(first.secret) })
    expect(old.json()).toMatchObject({ code: 'bad_request', detail: 'Incorrect code, or one that was used' })
    expect((await user.post('/auth/2fa/verify', { code: codeOf(second.secret) })).statusCode).toBe(200)
  })

  test('is refused while the second factor is on, and leaves it on', async ({ as, trusted, testUser }) => {
    const user = as(testUser)
    const { secret } = await turnOn(user)
    expect((await user.post('/auth/2fa/setup')).json()).toMatchObject({ code: 'bad_request' })
    expect((await user.post('/auth/2fa/verify', { code: codeOf(secret) })).statusCode).toBe(400)
    await forgetUse(trusted, testUser.id)
    expect((await logInWith(as(), 'manager', { two_factor_code: codeOf(secret) })).statusCode).toBe(200)
  })

  test('has nothing to confirm where none was begun', async ({ as, testUser }) => {
    const reply = await as(testUser).post('/auth/2fa/verify', { code: '123456' })
    expect(reply.statusCode).toBe(400)
    expect(reply.json().detail).toContain('/auth/2fa/setup')
  })

  test('gives ten backup codes to who shows its code', async ({ as, testUser }) => {
    const { backup_codes } = await turnOn(as(testUser))
    expect(new Set(backup_codes).size).toBe(10)
    for (const code of backup_codes) expect(code).toMatch(FORM)
  })

  test('is told of to its owner: whether it is on, and how many backup codes are left', async ({ as, testUser }) => {
    const user = as(testUser)
    const status = async () => (await user.get('/auth/2fa')).json()
    expect(await status()).toEqual({ enabled: false, backup_codes_left: 0 })
    await user.post('/auth/2fa/setup')
    expect(await status()).toEqual({ enabled: false, backup_codes_left: 0 })
    const { backup_codes } = await turnOn(user)
    await logInWith(as(), 'manager', { two_factor_code: backup_codes[0] })
    expect(await status()).toEqual({ enabled: true, backup_codes_left: 9 })
    expect((await as().get('/auth/2fa')).statusCode).toBe(401)
  })

  test('by two at once gives backup codes to one', async ({ as, testUser }) => {
    const user = as(testUser)
    const { secret } = (await user.post('/auth/2fa/setup')).json()
    const verify = () => user.post('/auth/2fa/verify', { code: codeOf(secret) })
    const replies = await Promise.all([verify(), verify()])
    expect(statusesOf(replies)).toEqual([200, 400])
  })
})

describe('log-in with a second factor', () => {
  test('needs a code, and tells so only to who knows the password', async ({ as, testUser }) => {
    await turnOn(as(testUser))
    const reply = await logInWith(as(), 'manager')
    expect(reply.statusCode).toBe(401)
    expect(reply.json()).toMatchObject(REQUIRED)
    const wrong = await logInWith(as(), 'manager', { password: 'wrong password' })
    expect(wrong.json().code).toBe('invalid_credentials')
  })

  test('is told of at log-in and in one’s own profile, not in what others see', async ({ as, testUser, adminUser }) => {
    const user = as(testUser)
    const shown = async () => [
      (await user.get('/auth/me')).json().two_factor_enabled,
      (await user.get('/users/me')).json().two_factor_enabled,
      (await user.put('/users/me', { bio: 'x' })).json().two_factor_enabled,
    ]
    expect(await shown()).toEqual([false, false, false])
    expect((await logInWith(as(), 'manager')).json().user.two_factor_enabled).toBe(false)
    const { backup_codes } = await turnOn(user)
    expect(await shown()).toEqual([true, true, true])
    const logged = await logInWith(as(), 'manager', { two_factor_code: backup_codes[0] })
    expect(logged.json().user.two_factor_enabled).toBe(true)
    expect((await as(adminUser).get(`/users/${testUser.id}`)).json()).not.toHaveProperty('two_factor_enabled')
  })

  test('takes null and an empty field for no code', async ({ as, testUser }) => {
    for (const two_factor_code of [null, ''])
      expect((await logInWith(as(), 'manager', { two_factor_code })).statusCode).toBe(200)
    await turnOn(as(testUser))
    for (const two_factor_code of [null, ''])
      expect((await logInWith(as(), 'manager', { two_factor_code })).json()).toMatchObject(REQUIRED)
  })

  test.for(['12345', 'no such backup code, whatever'])(
    'calls %s a wrong code',
    async (two_factor_code, { as, testUser }) => {
      await turnOn(as(testUser))
      expect((await logInWith(as(), 'manager', { two_factor_code })).json()).toMatchObject(WRONG)
    },
  )

  test('takes a code once, and not the one that turned it on', async ({ as, trusted, testUser }) => {
    const { secret } = await turnOn(as(testUser))
    const two_factor_code = codeOf(secret)
    expect((await logInWith(as(), 'manager', { two_factor_code })).json()).toMatchObject(WRONG)
    await forgetUse(trusted, testUser.id)
    expect((await logInWith(as(), 'manager', { two_factor_code })).statusCode).toBe(200)
    expect((await logInWith(as(), 'manager', { two_factor_code })).json()).toMatchObject(WRONG)
  })

  test('takes a code once from many who send it at once', async ({ as, app, trusted, testUser }) => {
    const { secret } = await turnOn(as(testUser))
    await forgetUse(trusted, testUser.id)
    const two_factor_code = codeOf(secret)
    const replies = await Promise.all([1, 2, 3].map(() => logInWith(as(), 'manager', { two_factor_code })))
    expect(statusesOf(replies)).toEqual([200, 401, 401])
    // The turns of one process make them wait for each other; between processes the database decides.
    await forgetUse(trusted, testUser.id)
    const used = await Promise.all([1, 2, 3].map(() => useCode(app.auth, testUser.id, codeOf(secret))))
    expect(used.filter(Boolean)).toEqual([true])
  })

  test.for([
    [-2, 401],
    [-1, 200],
    [0, 200],
    [1, 200],
    [2, 401],
  ] as const)('answers a code of %i × 30 s from now with %i', async ([steps, status], { as, trusted, testUser }) => {
    const { secret } = await turnOn(as(testUser))
    await forgetUse(trusted, testUser.id)
    stopMidStep()
    expect((await logInWith(as(), 'manager', { two_factor_code: codeOf(secret, steps) })).statusCode).toBe(status)
  })

  test('takes no code older than one that was used', async ({ as, trusted, testUser }) => {
    const { secret } = await turnOn(as(testUser))
    await forgetUse(trusted, testUser.id)
    stopMidStep()
    expect((await logInWith(as(), 'manager', { two_factor_code: codeOf(secret, 1) })).statusCode).toBe(200)
    expect((await logInWith(as(), 'manager', { two_factor_code: codeOf(secret) })).json()).toMatchObject(WRONG)
  })

  test.for(['１２３４５６', '12345６', 'abcdef', '0x1234', '      ', '1234567890123456789'])(
    'refuses %s as it refuses any wrong code',
    async (two_factor_code, { as, testUser }) => {
      await turnOn(as(testUser))
      expect((await logInWith(as(), 'manager', { two_factor_code })).json()).toMatchObject(WRONG)
    },
  )

  test('takes a code with a space, as apps show it', async ({ as, trusted, testUser }) => {
    const { secret } = await turnOn(as(testUser))
    await forgetUse(trusted, testUser.id)
    const two_factor_code = codeOf(secret).replace(/^.../, '$& ')
    expect((await logInWith(as(), 'manager', { two_factor_code })).statusCode).toBe(200)
  })

  test('takes a code in a form', async ({ as, trusted, testUser }) => {
    const { secret } = await turnOn(as(testUser))
    await forgetUse(trusted, testUser.id)
    const form = new URLSearchParams({ username: 'manager', password: PASSWORD, two_factor_code: codeOf(secret) })
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await as().post('/auth/login', form.toString(), type)).statusCode).toBe(200)
  })

  test('outlives a change of the password', async ({ as, trusted, testUser }) => {
    await turnOn(as(testUser))
    const password = 'another long secret'
    const password_hash = await hashPassword(password)
    await trusted(({ db }) => db.update(users).set({ password_hash }).where(eq(users.id, testUser.id)))
    expect((await logInWith(as(), 'manager', { password })).json()).toMatchObject(REQUIRED)
  })
})

describe('backup codes', () => {
  test('log in once each', async ({ as, testUser }) => {
    const { backup_codes } = await turnOn(as(testUser))
    for (const two_factor_code of backup_codes.slice(0, 2)) {
      expect((await logInWith(as(), 'manager', { two_factor_code })).statusCode).toBe(200)
      expect((await logInWith(as(), 'manager', { two_factor_code })).json()).toMatchObject(WRONG)
    }
  })

  test('log in one of two who send one at once', async ({ as, app, testUser }) => {
    const { backup_codes } = await turnOn(as(testUser))
    const [two_factor_code = '', other = ''] = backup_codes
    const replies = await Promise.all([1, 2].map(() => logInWith(as(), 'manager', { two_factor_code })))
    expect(statusesOf(replies)).toEqual([200, 401])
    const used = await Promise.all([1, 2].map(() => useCode(app.auth, testUser.id, other)))
    expect(used.filter(Boolean)).toEqual([true])
  })

  test('may be typed in any case, without dash, and with letters for digits that look alike', async ({
    as,
    testUser,
  }) => {
    const { backup_codes } = await turnOn(as(testUser))
    const typed = (code = '') => code.toLowerCase().replace('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')
    expect((await logInWith(as(), 'manager', { two_factor_code: typed(backup_codes[0]) })).statusCode).toBe(200)
    const bare = backup_codes[1]?.replace('-', '')
    expect((await logInWith(as(), 'manager', { two_factor_code: bare })).statusCode).toBe(200)
  })

  test('of somebody else are wrong', async ({ as, testUser, viewerUser }) => {
    const { backup_codes } = await turnOn(as(viewerUser))
    await turnOn(as(testUser))
    const stolen = await logInWith(as(), 'manager', { two_factor_code: backup_codes[0] })
    expect(stolen.json()).toMatchObject(WRONG)
    expect((await logInWith(as(), 'viewer', { two_factor_code: backup_codes[0] })).statusCode).toBe(200)
  })

  test('are replaced by new ones for who shows password and code', async ({ as, testUser }) => {
    const user = as(testUser)
    const { backup_codes } = await turnOn(user)
    const [code, old] = backup_codes
    const refused = await user.post('/auth/2fa/backup-codes', { password: 'wrong password', code })
    expect(refused.json()).toMatchObject({ code: 'bad_request', detail: 'Incorrect password' })
    const renewed = (await user.post('/auth/2fa/backup-codes', { password: PASSWORD, code })).json().backup_codes
    expect(new Set([...renewed, ...backup_codes]).size).toBe(20)
    expect((await logInWith(as(), 'manager', { two_factor_code: old })).json()).toMatchObject(WRONG)
    expect((await logInWith(as(), 'manager', { two_factor_code: renewed[9] })).statusCode).toBe(200)
  })

  test('are replaced by one set of ten where two ask at once', async ({ as, engine, testUser }) => {
    const user = as(testUser)
    const { backup_codes } = await turnOn(user)
    const renew = (code?: string) => user.post('/auth/2fa/backup-codes', { password: PASSWORD, code })
    await Promise.all([renew(backup_codes[0]), renew(backup_codes[1])])
    expect(await rowsOf(engine, 'select * from backup_codes')).toHaveLength(10)
  })
})

describe('switching it off', () => {
  test('needs the password and a code, and forgets secret and backup codes', async ({ as, engine, testUser }) => {
    const user = as(testUser)
    const { secret, backup_codes } = await turnOn(user)
    const code = backup_codes[0]
    const off = (body: object) => user.post('/auth/2fa/disable', body)
    expect((await off({ password: PASSWORD })).statusCode).toBe(422)
    expect((await off({ password: 'wrong password', code })).json().detail).toBe('Incorrect password')
    expect((await off({ password: PASSWORD, code: wrongCodeOf(secret) })).json().detail).toMatch(/^Incorrect code/)
    expect((await logInWith(as(), 'manager')).json()).toMatchObject(REQUIRED)
    expect((await off({ password: PASSWORD, code })).statusCode).toBe(204)
    expect(await rowsOf(engine, 'select user_id from totp_secrets union all select user_id from backup_codes')).toEqual(
      [],
    )
    expect((await logInWith(as(), 'manager')).statusCode).toBe(200)
    expect((await off({ password: PASSWORD, code })).json().detail).toBe('Two-factor log-in is not on')
  })

  test('takes a code of the app', async ({ as, trusted, testUser }) => {
    const user = as(testUser)
    const { secret } = await turnOn(user)
    await forgetUse(trusted, testUser.id)
    const reply = await user.post('/auth/2fa/disable', { password: PASSWORD, code: codeOf(secret) })
    expect(reply.statusCode).toBe(204)
  })
})

describe('five failures lock the account', () => {
  const LOCKED = { code: 'account_locked' }

  test('at log-in', async ({ as, testUser }) => {
    const { secret, backup_codes } = await turnOn(as(testUser))
    for (let n = 0; n < 5; n++)
      expect((await logInWith(as(), 'manager', { two_factor_code: wrongCodeOf(secret) })).json()).toMatchObject(WRONG)
    expect((await logInWith(as(), 'manager', { two_factor_code: backup_codes[0] })).json()).toMatchObject(LOCKED)
  })

  test('at set-up', async ({ as, testUser }) => {
    const user = as(testUser)
    const { secret } = (await user.post('/auth/2fa/setup')).json()
    for (let n = 0; n < 5; n++)
      expect((await user.post('/auth/2fa/verify', { code: wrongCodeOf(secret) })).statusCode).toBe(400)
    expect((await user.post('/auth/2fa/verify', { code: codeOf(secret) })).json()).toMatchObject(LOCKED)
  })

  test.for(['/auth/2fa/disable', '/auth/2fa/backup-codes', '/auth/passkeys/register/options'])(
    'at %s, by password or code',
    async (path, { as, testUser }) => {
      const user = as(testUser)
      const { secret, backup_codes } = await turnOn(user)
      const attempts = [
        { password: 'wrong password', code: backup_codes[0] },
        { password: PASSWORD, code: wrongCodeOf(secret) },
      ]
      for (let n = 0; n < 5; n++) expect((await user.post(path, attempts[n % 2])).statusCode).toBe(400)
      const right = { password: PASSWORD, code: backup_codes[0] }
      expect((await user.post(path, right)).json()).toMatchObject(LOCKED)
      expect((await logInWith(as(), 'manager', { two_factor_code: backup_codes[0] })).json()).toMatchObject(LOCKED)
    },
  )

  test('sent at once, no more than five are tried', async ({ as, engine, testUser }) => {
    const { secret } = await turnOn(as(testUser))
    const wrong = () => logInWith(as(), 'manager', { two_factor_code: wrongCodeOf(secret) })
    const replies = await Promise.all(Array.from({ length: 8 }, wrong))
    expect(replies.filter((reply) => reply.json().code === WRONG.code)).toHaveLength(5)
    expect(replies.filter((reply) => reply.json().code === LOCKED.code)).toHaveLength(3)
    const [row] = await rowsOf(engine, `select failed_login_attempts as n from users where username = 'manager'`)
    expect(row).toEqual({ n: 5 })
  })
})

describe('at rest', () => {
  test('neither secret nor codes can be read', async ({ as, engine, testUser }) => {
    const { secret, backup_codes } = await turnOn(as(testUser))
    const rows = await rowsOf(
      engine,
      `select t::text as row from totp_secrets t union all select b::text from backup_codes b`,
    )
    expect(rows).toHaveLength(11)
    const text = JSON.stringify(rows)
    for (const clear of [secret, ...backup_codes, ...backup_codes.map((code) => code.replace('-', ''))])
      expect(text).not.toContain(clear)
  })

  test('a secret moved to another user’s row does not open', async ({ as, trusted, testUser, viewerUser }) => {
    const { secret } = await turnOn(as(testUser))
    await turnOn(as(viewerUser))
    await trusted(async ({ db }) => {
      const [mine] = await db.select().from(totpSecrets).where(eq(totpSecrets.user_id, testUser.id))
      const moved = { secret: mine?.secret, last_step: 0 }
      await db.update(totpSecrets).set(moved).where(eq(totpSecrets.user_id, viewerUser.id))
    })
    await forgetUse(trusted, testUser.id)
    const two_factor_code = codeOf(secret)
    expect((await logInWith(as(), 'viewer', { two_factor_code })).json().code).toBe('internal_error')
    expect((await logInWith(as(), 'manager', { two_factor_code })).statusCode).toBe(200)
  })
})

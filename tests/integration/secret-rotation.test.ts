import { manage } from '../support/command-line.ts'
import { type Caller, callerOf } from '../support/caller.ts'
import { describe, expect, test } from '../support/fixtures.ts'
import { rowsOf } from '../support/migrations.ts'
import { ownApp } from '../support/own-app.ts'
import { testSettings } from '../support/settings.ts'
import { codeOf, forgetUse, logInWith, turnOn } from '../support/two-factor.ts'

const OLD = testSettings().SECRET_KEY
const NEW = 'the key that comes after it, for tests alone'
const exchanging = testSettings({ SECRET_KEY: NEW, SECRET_KEY_PREVIOUS: OLD })
const exchanged = testSettings({ SECRET_KEY: NEW })

const sealedOf = (engine: Parameters<typeof rowsOf>[0]) =>
  rowsOf(engine, 'select user_id, secret from totp_secrets order by user_id')

describe('rotatesecrets', () => {
  test('leaves log-in working before, meanwhile and after', async ({ as, engine, trusted, testUser, authHeaders }) => {
    const { secret } = await turnOn(as(testUser))
    const attempt = async (caller: Caller) => {
      await forgetUse(trusted, testUser.id)
      return (await logInWith(caller, 'manager', { two_factor_code: codeOf(secret) })).statusCode
    }
    await using during = await ownApp({ engine, settings: exchanging })
    await using after = await ownApp({ engine, settings: exchanged })
    const [nobody, later] = [callerOf(during.app), callerOf(after.app)]

    expect(await attempt(nobody)).toBe(200)
    expect(await attempt(later)).toBe(500) // not yet: its secret is under the key before
    const rotate = () => manage(['rotatesecrets', '--json'], { engine, settings: exchanging })
    const [{ code, stdout }, meanwhile] = await Promise.all([rotate(), attempt(nobody)])
    expect({ code, meanwhile }).toEqual({ code: 0, meanwhile: 200 })
    expect(JSON.parse(stdout)).toEqual({ resealed: 1, unchanged: 0, failed: 0, failed_user_ids: [] })
    expect(await attempt(nobody)).toBe(200)
    expect(await attempt(later)).toBe(200)

    // Tokens are not sealed, and those signed with the key before are refused.
    expect((await later.get('/auth/me', undefined, authHeaders(testUser))).statusCode).toBe(401)
    expect((await as(testUser).get('/auth/me')).statusCode).toBe(200)
  })

  test('changes nothing the second time', async ({ as, engine, testUser, viewerUser }) => {
    await turnOn(as(testUser))
    await as(viewerUser).post('/auth/2fa/setup') // not confirmed, and to be sealed all the same
    const rotate = () => manage(['rotatesecrets'], { engine, settings: exchanging })
    expect((await rotate()).stdout).toBe('Secrets sealed under SECRET_KEY: 2 now, 0 before\n')
    const sealed = await sealedOf(engine)
    expect((await rotate()).stdout).toBe('Secrets sealed under SECRET_KEY: 0 now, 2 before\n')
    expect(await sealedOf(engine)).toEqual(sealed)
  })

  test('reports a secret that neither key opens, and leaves it', async ({ as, engine, testUser, viewerUser }) => {
    await turnOn(as(testUser))
    await turnOn(as(viewerUser))
    await rowsOf(engine, `update totp_secrets set secret = 'v1.AAAA.AAAA' where user_id = ${viewerUser.id}`)
    const { code, stdout } = await manage(['rotatesecrets'], { engine, settings: exchanging })
    expect(code).toBe(1)
    expect(stdout).toBe(
      `Secrets sealed under SECRET_KEY: 1 now, 0 before\n` +
        `Secrets that neither SECRET_KEY nor SECRET_KEY_PREVIOUS opens: 1, of the users with id ${viewerUser.id}\n`,
    )
    expect(await sealedOf(engine)).toContainEqual({ user_id: viewerUser.id, secret: 'v1.AAAA.AAAA' })
  })

  test('goes on after the first batch, whatever was in it', async ({ engine }) => {
    await rowsOf(
      engine,
      `insert into users (email, username, password_hash)
        select n || '@example.com', 'many' || n, '' from generate_series(1, 1001) as n`,
    )
    await rowsOf(
      engine,
      `insert into totp_secrets (user_id, secret) select id, 'v1.AAAA.AAAA' from users where username like 'many%'`,
    )
    const { code, stdout } = await manage(['rotatesecrets', '--json'], { engine, settings: exchanging })
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ resealed: 0, unchanged: 0, failed: 1001 })
    expect(JSON.parse(stdout).failed_user_ids).toHaveLength(20)
  })
})

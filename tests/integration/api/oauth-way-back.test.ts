import { sql } from 'drizzle-orm'
import { oauthAccounts, oneTimeTokens, totpSecrets } from '../../../app/models/index.ts'
import { Browser } from '../../support/browser.ts'
import { describe, expect } from '../../support/fixtures.ts'
import { FRONTEND, PROGRAM, VIEWER, bodyOf, outcomeOf, test } from '../../support/oauth-world.ts'

const json = { 'content-type': 'application/json' }
const TAMPERINGS: [string, (url: URL) => unknown][] = [
  ['without a code', (url: URL) => url.searchParams.delete('code')],
  ['with another code', (url: URL) => url.searchParams.set('code', 'forged')],
  ['without a state', (url: URL) => url.searchParams.delete('state')],
  ['with another state', (url: URL) => url.searchParams.set('state', 'forged')],
  ['of another issuer', (url: URL) => url.searchParams.set('iss', 'https://evil.example.com')],
  ['of no issuer, though this one always names itself', (url: URL) => url.searchParams.delete('iss')],
  ['with an error beside the code', (url: URL) => url.searchParams.set('error', 'server_error')],
  ['with nothing', (url: URL) => void (url.search = '')],
]

describe('the way back', () => {
  test('counts once', async ({ world }) => {
    const browser = new Browser()
    const copy = new Browser()
    world.person = VIEWER
    const back = await world.leave(browser)
    const state = new URL(back).searchParams.get('state')
    const cookie = { ...PROGRAM, cookie: `fastvue_oauth=${state}` }
    expect((await browser.get(back, PROGRAM)).status).toBe(200)
    const again = await copy.get(back, cookie)
    expect(await outcomeOf(again)).toEqual([401, 'oauth_failed'])
  })

  test('counts in no other browser, and is still good in its own', async ({ world }) => {
    const [browser, victim] = [new Browser(), new Browser()]
    world.person = VIEWER
    const back = await world.leave(browser)
    expect((await victim.get(back, PROGRAM)).status).toBe(401) // has no cookie
    await world.leave(victim)
    expect((await victim.get(back, PROGRAM)).status).toBe(401) // has the cookie of a log-in of its own
    expect((await browser.get(back, PROGRAM)).status).toBe(200)
  })

  test('counts only at the provider that it was made for', async ({ world }) => {
    const browser = new Browser()
    world.person = VIEWER
    const back = await world.leave(browser)
    const state = new URL(back).searchParams.get('state')
    const other = back.replace('/test/callback', '/second/callback')
    const reply = await browser.get(other, { ...PROGRAM, cookie: `fastvue_oauth=${state}` })
    expect(await outcomeOf(reply)).toEqual([401, 'oauth_failed'])
    expect(world.lines().filter((line) => 'reason' in line)).toEqual([]) // the other one was not even asked
    expect((await browser.get(await world.leave(browser, 'second'), PROGRAM)).status).toBe(200)
  })

  test('is too late after ten minutes', async ({ world, trusted }) => {
    const browser = new Browser()
    world.person = VIEWER
    const back = await world.leave(browser)
    await trusted(({ db }) => db.update(oneTimeTokens).set({ expires_at: new Date().toISOString() }))
    expect((await browser.get(back, PROGRAM)).status).toBe(401)
  })

  test.for(TAMPERINGS)('%s is refused', async ([, tamper], { world }) => {
    const browser = new Browser()
    world.person = VIEWER
    const url = new URL(await world.leave(browser))
    tamper(url)
    const reply = await browser.get(url.href, PROGRAM)
    expect(await outcomeOf(reply)).toEqual([401, 'oauth_failed'])
  })

  test.for([
    ['nonce', 'OAUTH_JWT_CLAIM_COMPARISON_FAILED'],
    ['code_verifier', 'invalid_grant'],
  ] as const)('is refused when its %s is not the one that was sent', async ([name, reason], { world, trusted }) => {
    const browser = new Browser()
    world.person = VIEWER
    const back = await world.leave(browser)
    const other = sql`jsonb_set(${oneTimeTokens.data}, ${`{${name}}`}, ${JSON.stringify('x'.repeat(43))})`
    await trusted(({ db }) => db.update(oneTimeTokens).set({ data: other }))
    const reply = await browser.get(back, PROGRAM)
    expect(await outcomeOf(reply)).toEqual([401, 'oauth_failed'])
    expect(world.lines()).toContainEqual(expect.objectContaining({ reason }))
  })
})

describe('a person in a browser', () => {
  const exchange = (browser: Browser, at: string, body: object) =>
    browser.send(`${at}/exchange`, { method: 'POST', headers: json, body: JSON.stringify(body) })

  test('comes to the front end with a code, which stands for the log-in once', async ({ world, viewerUser }) => {
    const browser = new Browser()
    world.person = VIEWER
    const reply = await browser.get(await world.leave(browser))
    expect(reply.status).toBe(302)
    const location = reply.headers.get('location') ?? ''
    expect(location).toMatch(/^http:\/\/localhost:5173\/auth\/callback\?code=[\w-]{43}$/)
    expect(reply.headers.getSetCookie().at(-1)).toMatch(
      /; Max-Age=60; Path=\/api\/v1\/auth\/oauth\/exchange; HttpOnly; /,
    )
    const code = new URL(location).searchParams.get('code') ?? ''
    const stranger = await exchange(new Browser(), world.at, { code })
    expect(await outcomeOf(stranger)).toEqual([401, 'oauth_failed'])
    const logged = await exchange(browser, world.at, { code })
    expect(logged.status).toBe(200)
    expect(await bodyOf(logged)).toMatchObject({ token_type: 'bearer', user: { id: viewerUser.id } })
    const headers = { ...json, cookie: `fastvue_oauth=${code}` }
    const again = await fetch(`${world.at}/exchange`, { method: 'POST', headers, body: JSON.stringify({ code }) })
    expect(again.status).toBe(401)
  })

  test('has a minute for that', async ({ world, trusted }) => {
    const browser = new Browser()
    world.person = VIEWER
    const location = (await browser.get(await world.leave(browser))).headers.get('location') ?? ''
    const code = new URL(location).searchParams.get('code') ?? ''
    const [row] = await trusted(({ db }) => db.select().from(oneTimeTokens))
    expect(Date.parse(row?.expires_at ?? '') - Date.now()).toBeLessThanOrEqual(60_000)
    await trusted(({ db }) => db.update(oneTimeTokens).set({ expires_at: new Date().toISOString() }))
    expect((await exchange(browser, world.at, { code })).status).toBe(401)
  })

  test('whose account has a second factor is asked for it, and linked only then', async ({
    world,
    trusted,
    viewerUser,
  }) => {
    const row = { user_id: viewerUser.id, secret: 'sealed', enabled_at: new Date().toISOString() }
    await trusted(({ db }) => db.insert(totpSecrets).values(row))
    expect(await bodyOf(world.logIn(VIEWER))).toMatchObject({ code: 'two_factor_required' })
    const browser = new Browser()
    const location = (await browser.get(await world.leave(browser))).headers.get('location') ?? ''
    const code = new URL(location).searchParams.get('code') ?? ''
    for (const _ of [1, 2]) {
      const reply = await exchange(browser, world.at, { code })
      expect(await outcomeOf(reply)).toEqual([401, 'two_factor_required'])
    }
    expect(await trusted(({ db }) => db.select().from(oauthAccounts))).toEqual([])
    await trusted(({ db }) => db.update(totpSecrets).set({ enabled_at: null })) // begun, not switched on
    expect((await exchange(browser, world.at, { code })).status).toBe(200)
    expect(await trusted(({ db }) => db.select().from(oauthAccounts))).toHaveLength(1)
  })

  test('is led back with an error in place of a failure', async ({ world }) => {
    const browser = new Browser()
    world.person = undefined
    expect(await browser.walk(`${world.at}/test/authorize`, FRONTEND)).toBe(`${FRONTEND}?error=oauth_failed`)
    await world.provider.close()
    world.person = VIEWER
    const reply = await browser.get(`${world.at}/test/callback?code=1&state=2`)
    expect([reply.status, reply.headers.get('location')]).toEqual([302, `${FRONTEND}?error=oauth_failed`])
  })

  test.for(['', 'forged', 'x'.repeat(100)])('with the code "%s" gets nothing', async (code, { world }) => {
    const headers = { ...json, cookie: `fastvue_oauth=${code}` }
    const reply = await fetch(`${world.at}/exchange`, { method: 'POST', headers, body: JSON.stringify({ code }) })
    expect(reply.status).toBe(code ? 401 : 422)
  })
})

describe('a provider that is away', () => {
  const away = [503, 'provider_unavailable']

  test('is told so, and asked again when it is back', async ({ world, viewerUser }) => {
    await world.provider.close()
    const browser = new Browser()
    const reply = await browser.get(`${world.at}/test/authorize`, PROGRAM)
    expect(await outcomeOf(reply)).toEqual(away)
    const page = await browser.get(`${world.at}/test/authorize`)
    expect(page.headers.get('location')).toBe(`${FRONTEND}?error=provider_unavailable`)
    await world.provider.open()
    expect((await bodyOf(world.logIn(VIEWER))).user.id).toBe(viewerUser.id)
  })

  test('on the way back is told so too, and the next log-in works', async ({ world }) => {
    const browser = new Browser()
    world.person = VIEWER
    const back = await world.leave(browser)
    await world.provider.close()
    const reply = await browser.get(back, PROGRAM)
    expect(await outcomeOf(reply)).toEqual(away)
    await world.provider.open()
    expect((await world.logIn(VIEWER, browser)).status).toBe(200)
  })

  test('is asked for its configuration once', async ({ world }) => {
    await world.logIn(VIEWER)
    await world.provider.close()
    const reply = await new Browser().get(`${world.at}/test/authorize`)
    expect(reply.headers.get('location')).toContain(world.provider.url)
  })

  test.for([500, 404, 200])('or answers %i with nonsense is told apart from a log-in', async (status, { world }) => {
    world.provider.answerWith((_request, response) => response.writeHead(status).end('NONSENSE'))
    const reply = await new Browser().get(`${world.at}/test/authorize`, PROGRAM)
    expect(await outcomeOf(reply)).toEqual(away)
  })

  test('or never answers is waited for 5 seconds', async ({ world }) => {
    world.provider.answerWith(() => {})
    const reply = await new Browser().get(`${world.at}/test/authorize`, PROGRAM)
    expect(await outcomeOf(reply)).toEqual(away)
  })
})

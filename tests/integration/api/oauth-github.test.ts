import { oauthAccounts } from '../../../app/models/index.ts'
import { Browser } from '../../support/browser.ts'
import { describe, expect, test as base } from '../../support/fixtures.ts'
import { GitHubAlike } from '../../support/github-alike.ts'
import { PROGRAM, bodyOf, listening, outcomeOf } from '../../support/oauth-world.ts'
import { testSettings } from '../../support/settings.ts'

const test = base
  .extend('github', async ({}, { onCleanup }) => {
    const github = new GitHubAlike()
    await github.open()
    onCleanup(() => github.server.close())
    return github
  })
  .extend('at', async ({ engine, github }, { onCleanup }) => {
    const settings = testSettings({ GITHUB_CLIENT_ID: 'gh-client', GITHUB_CLIENT_SECRET: 'gh-secret' })
    const OAUTH = settings.OAUTH.map((one) => (one.kind === 'github' ? github.replace(one) : one))
    const { at, close } = await listening(engine, { ...settings, OAUTH })
    onCleanup(() => close())
    return at
  })

const mine = { email: 'viewer@example.com', primary: true, verified: true }
const other = { email: 'manager@example.com', primary: false, verified: true }
const leave = (browser: Browser, at: string) => browser.walk(`${at}/github/authorize`, `${at}/github/callback`)

async function logIn(at: string): Promise<Response> {
  const browser = new Browser()
  return browser.get(await leave(browser, at), PROGRAM)
}

describe('a log-in at GitHub', () => {
  test('goes by the verified primary address, and later by the account’s number', async ({
    at,
    github,
    trusted,
    viewerUser,
  }) => {
    github.person = { id: 4711, emails: [other, mine] }
    expect((await bodyOf(logIn(at))).user.id).toBe(viewerUser.id)
    const links = await trusted(({ db }) => db.select().from(oauthAccounts))
    expect(links).toMatchObject([{ provider: 'github', subject: '4711', email: mine.email }])
    github.person = { id: 4711, emails: [{ ...other, primary: true }] }
    expect((await bodyOf(logIn(at))).user.id).toBe(viewerUser.id)
  })

  test.for([
    ['a primary address that is not verified', [{ ...mine, verified: false }, other]],
    ['verified addresses of which none is primary', [{ ...mine, primary: false }, other]],
    ['no address', []],
  ] as const)('with %s is refused', async ([, emails], { at, github }) => {
    github.person = { id: 1, emails: [...emails] }
    expect(await outcomeOf(await logIn(at))).toEqual([401, 'oauth_failed'])
  })

  test('is refused where the answer names another issuer than GitHub', async ({ at, github }) => {
    github.person = { id: 1, emails: [mine] }
    const browser = new Browser()
    const back = new URL(await leave(browser, at))
    back.searchParams.set('iss', 'https://accounts.google.com')
    expect(await outcomeOf(await browser.get(back.href, PROGRAM))).toEqual([401, 'oauth_failed'])
  })

  test('is refused with a code that GitHub does not know', async ({ at, github }) => {
    github.person = { id: 1, emails: [mine] }
    const browser = new Browser()
    const back = new URL(await leave(browser, at))
    back.searchParams.set('code', 'forged')
    expect(await outcomeOf(await browser.get(back.href, PROGRAM))).toEqual([401, 'oauth_failed'])
  })

  test.for([
    [500, 503, 'provider_unavailable'],
    [403, 401, 'oauth_failed'],
  ] as const)('whose API answers %i is %i', async ([apiStatus, ...outcome], { at, github }) => {
    Object.assign(github, { apiStatus, person: { id: 1, emails: [mine] } })
    expect(await outcomeOf(await logIn(at))).toEqual(outcome)
  })

  test('while GitHub is away is 503, and works when it is back', async ({ at, github, viewerUser }) => {
    github.person = { id: 1, emails: [mine] }
    const browser = new Browser()
    const back = await leave(browser, at)
    await github.server.close()
    expect(await outcomeOf(await browser.get(back, PROGRAM))).toEqual([503, 'provider_unavailable'])
    await github.server.open()
    expect((await bodyOf(logIn(at))).user.id).toBe(viewerUser.id)
  })
})

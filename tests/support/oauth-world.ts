import type { App } from '../../app/api/http/type-provider.ts'
import type { Settings } from '../../app/core/config.ts'
import type { Engine } from '../../app/db/engine.ts'
import { Browser } from './browser.ts'
import { test as base } from './fixtures.ts'
import { LoopbackServer } from './loopback-server.ts'
import { CLIENT, type Person, serveOidc } from './oidc-server.ts'
import { type LogLine, ownApp } from './own-app.ts'
import { testSettings } from './settings.ts'

export const FRONTEND = 'http://localhost:5173/auth/callback'
/** What a program sends; a browser, which asks for a page, is led on instead. */
export const PROGRAM = { accept: 'application/json' }
/** The viewer of the test company, as the provider knows them. */
export const VIEWER = { sub: 'v-1', email: 'Viewer@Example.com', email_verified: true }

interface Given {
  engine: Engine
  env?: NodeJS.ProcessEnv
  emailInIdToken?: boolean
  authentication?: 'client_secret_post' | 'client_secret_basic'
}

/** FastVue and an OpenID Connect provider, each really listening, and people with browsers. */
export interface OAuthWorld extends AsyncDisposable {
  app: App
  lines(): LogLine[]
  /** The address of the API's OAuth routes. */
  at: string
  provider: LoopbackServer
  /** Who is at the provider. */
  person: Person | undefined
  /** Begins a log-in and stops before the way back: that address. */
  leave(browser: Browser, name?: string): Promise<string>
  /** A whole log-in of a program that keeps cookies. */
  logIn(person: Person | undefined, browser?: Browser): Promise<Response>
}

export async function oauthWorld({ engine, env = {}, ...options }: Given): Promise<OAuthWorld> {
  const provider = new LoopbackServer()
  await provider.open()
  const settings = testSettings({ ...clientAt('TEST', provider.url), ...clientAt('SECOND', provider.url), ...env })
  const { app, lines, at, close } = await listening(engine, settings)
  const redirect_uris = ['test', 'second'].map((name) => `${at}/${name}/callback`)
  const world: OAuthWorld = {
    app,
    lines,
    at,
    provider,
    person: undefined,
    leave: (browser, name = 'test') => browser.walk(`${at}/${name}/authorize`, `${at}/${name}/callback`),
    async logIn(person, browser = new Browser()) {
      world.person = person
      return browser.get(await world.leave(browser), PROGRAM)
    },
    async [Symbol.asyncDispose]() {
      await close()
      await provider.close()
    },
  }
  serveOidc({ server: provider, redirect_uris, person: () => world.person, ...options })
  return world
}

/** The tests' own `test`, with a world of the defaults. */
export const test = base.extend('world', async ({ engine }, { onCleanup }) => {
  const world = await oauthWorld({ engine })
  onCleanup(() => world[Symbol.asyncDispose]())
  return world
})

/** What the API answers here, a log-in or an error. */
interface Body {
  code: string
  detail: string
  items: unknown[]
  access_token: string
  user: { id: number; username: string; is_superuser: boolean }
  companies: unknown[]
  permissions: string[]
}

export const bodyOf = async (reply: Response | Promise<Response>): Promise<Body> => (await (await reply).json()) as Body

/** Status and error code. */
export const outcomeOf = async (reply: Response): Promise<[number, string]> => [
  reply.status,
  (await bodyOf(reply)).code,
]

/** An app that really listens. */
export async function listening(engine: Engine, settings: Settings) {
  const { app, lines } = await ownApp({ engine, settings })
  const at = `${await app.listen({ port: 0, host: '127.0.0.1' })}/api/v1/auth/oauth`
  return { app, lines, at, close: () => app.close() }
}

const clientAt = (name: string, issuer: string): NodeJS.ProcessEnv => ({
  [`OIDC_${name}_ISSUER`]: issuer,
  [`OIDC_${name}_CLIENT_ID`]: CLIENT.client_id,
  [`OIDC_${name}_CLIENT_SECRET`]: CLIENT.client_secret,
})

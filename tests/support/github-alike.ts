import { createHash, randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { GitHubProvider } from '../../app/core/oauth-providers.ts'
import { LoopbackServer } from './loopback-server.ts'

export interface GitHubPerson {
  id: number
  emails: { email: string; primary: boolean; verified: boolean }[]
}

interface Grant {
  redirect_uri: string
  challenge: string
}

/**
 * A server that speaks GitHub's OAuth 2: no discovery, no ID token, errors with status 200, an API that wants to know who
 * calls. It checks what GitHub checks.
 */
export class GitHubAlike {
  readonly server = new LoopbackServer()
  readonly #grants = new Map<string, Grant>()
  readonly #tokens = new Set<string>()
  person: GitHubPerson = { id: 1, emails: [] }
  /** Status of the API's answers */
  apiStatus = 200

  /** GitHub as the settings describe it, at this server's address. */
  replace(provider: GitHubProvider): GitHubProvider {
    return { ...provider, issuer: this.#issuer, api: `${this.server.url}/api` }
  }

  async open(): Promise<void> {
    await this.server.open()
    this.server.answerWith((request, response) => void this.#answer(request, response))
  }

  get #issuer(): string {
    return `${this.server.url}/login/oauth`
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const { pathname, searchParams } = new URL(request.url ?? '', this.server.url)
    const json = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body))
    if (pathname === '/login/oauth/authorize')
      return response.writeHead(302, { location: this.#authorize(searchParams) }).end()
    if (pathname === '/login/oauth/access_token')
      return json(200, this.#exchange(new URLSearchParams(await text(request))))
    if (!this.#mayCall(request)) return json(401, { message: 'Bad credentials' })
    if (pathname === '/api/user') return json(this.apiStatus, { login: 'viewer', id: this.person.id, email: null })
    return json(pathname === '/api/user/emails' ? this.apiStatus : 404, this.person.emails)
  }

  #authorize(asked: URLSearchParams): string {
    const code = randomUUID()
    const redirect_uri = asked.get('redirect_uri') ?? ''
    this.#grants.set(code, { redirect_uri, challenge: asked.get('code_challenge') ?? '' })
    const back = new URL(redirect_uri)
    back.search = new URLSearchParams({ code, state: asked.get('state') ?? '', iss: this.#issuer }).toString()
    return back.href
  }

  #exchange(asked: URLSearchParams): object {
    const grant = this.#grants.get(asked.get('code') ?? '')
    this.#grants.delete(asked.get('code') ?? '')
    if (asked.get('client_id') !== 'gh-client' || asked.get('client_secret') !== 'gh-secret')
      return { error: 'incorrect_client_credentials' }
    const challenge = createHash('sha256')
      .update(asked.get('code_verifier') ?? '')
      .digest('base64url')
    if (grant?.challenge !== challenge || grant.redirect_uri !== asked.get('redirect_uri'))
      return { error: 'bad_verification_code', error_description: 'The code passed is incorrect or expired.' }
    const access_token = `gho_${randomUUID()}`
    this.#tokens.add(access_token)
    return { access_token, token_type: 'bearer', scope: 'user:email' }
  }

  #mayCall({ headers }: IncomingMessage): boolean {
    const token = headers.authorization?.replace(/^bearer /i, '') ?? ''
    return this.#tokens.has(token) && headers['user-agent'] !== undefined
  }
}

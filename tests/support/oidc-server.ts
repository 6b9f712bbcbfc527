import { generateKeyPairSync } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { Provider } from 'oidc-provider'
import { createMemoryAdapter } from 'oidc-provider/lib/adapters/memory_adapter.js'
import type { LoopbackServer } from './loopback-server.ts'

/** Who is in front of the provider's browser window, and what the provider says about them. */
export interface Person {
  sub: string
  email?: string
  email_verified?: boolean
}

export const CLIENT = { client_id: 'fastvue', client_secret: 'a secret of/the client+s' }

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const jwks = { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] }

interface Options {
  server: LoopbackServer
  redirect_uris: string[]
  /** Nobody: whoever is there says no. */
  person: () => Person | undefined
  /** Whether ID tokens carry the e-mail address; else only the userinfo endpoint tells it, as the standard has it. */
  emailInIdToken?: boolean
  authentication?: 'client_secret_post' | 'client_secret_basic'
}

/** A real OpenID Connect provider: log-ins there succeed without a form, PKCE is demanded. */
export function serveOidc({ server, redirect_uris, person, emailInIdToken, authentication }: Options): void {
  const provider = new Provider(server.url, {
    clients: [{ ...CLIENT, redirect_uris, token_endpoint_auth_method: authentication ?? 'client_secret_post' }],
    adapter: createMemoryAdapter(0),
    clientAuthMethods: [authentication ?? 'client_secret_post'],
    jwks,
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: !emailInIdToken,
    cookies: { keys: ['a key for tests'] },
    features: { devInteractions: { enabled: false } },
    ttl: { Interaction: 60, Session: 60, Grant: 60, AccessToken: 60, IdToken: 60 },
    pkce: { required: () => true },
    findAccount: (_ctx, accountId) => ({ accountId, claims: async () => ({ ...person(), sub: accountId }) }),
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client?.clientId ?? '',
        accountId: oidc.session?.accountId ?? '',
      })
      grant.addOIDCScope('openid email')
      await grant.save()
      return grant
    },
  })
  const answer = provider.callback()
  server.answerWith((request, response) => {
    if (request.url?.startsWith('/interaction/')) decide(request, response)
    else void answer(request, response)
  })
  const decide: RequestListener = (request, response) => {
    const here = person()
    const refusal = { error: 'access_denied', error_description: 'NO-THANKS' }
    void provider.interactionFinished(request, response, here ? { login: { accountId: here.sub } } : refusal)
  }
}

import {
  type AuthorizationCodeGrantChecks,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
  randomNonce,
  randomPKCECodeVerifier,
} from 'openid-client'
import { AppError } from './errors.ts'
import { type Identity, gitHubIdentity, oidcIdentity } from './oauth-identity.ts'
import { providerErrors } from './oauth-provider-errors.ts'
import type { GitHubProvider, OAuthProvider, OidcProvider } from './oauth-providers.ts'

/** What one log-in keeps to itself until the provider answers. */
export interface Secrets {
  /** PKCE (RFC 7636) */
  code_verifier: string
  /** Comes back in the ID token (OpenID Connect Core §3.1.2.1). */
  nonce: string
}

const SCOPES = { oidc: 'openid email', github: 'user:email' }
const TIMEOUT_SECONDS = 5

export const newSecrets = (): Secrets => ({ code_verifier: randomPKCECodeVerifier(), nonce: randomNonce() })

/**
 * Where a browser goes to log in.
 * @throws AppError `provider_unavailable`
 */
export async function authorizationUrl(
  provider: OAuthProvider,
  { code_verifier, nonce }: Secrets,
  state: string,
  redirect_uri: string,
): Promise<string> {
  const url = buildAuthorizationUrl(await configurationOf(provider), {
    redirect_uri,
    scope: SCOPES[provider.kind],
    state,
    code_challenge: await calculatePKCECodeChallenge(code_verifier),
    code_challenge_method: 'S256',
    ...(provider.kind === 'oidc' && { nonce }),
  })
  return url.href
}

/**
 * Who has logged in, from the address that the provider sent the browser back to. The provider's tokens are forgotten.
 * @throws AppError `oauth_failed` when it says no or its answer does not belong to this log-in, `provider_unavailable`
 */
export async function identify(
  provider: OAuthProvider,
  returned: URL,
  { code_verifier, nonce }: Secrets,
  state: string,
): Promise<Identity> {
  const config = await configurationOf(provider)
  const checks: AuthorizationCodeGrantChecks = { pkceCodeVerifier: code_verifier, expectedState: state }
  try {
    if (provider.kind === 'github')
      return await gitHubIdentity(config, provider.api, await authorizationCodeGrant(config, returned, checks))
    return await oidcIdentity(
      config,
      await authorizationCodeGrant(config, returned, { ...checks, expectedNonce: nonce }),
    )
  } catch (error) {
    throw providerErrors(error)
  }
}

/** Whether a provider can be asked to log somebody in. Of GitHub nothing has to be found out first. */
export const isThere = (provider: OAuthProvider): Promise<boolean> =>
  configurationOf(provider).then(
    () => true,
    () => false,
  )

const configurations = new WeakMap<OAuthProvider, Promise<Configuration>>()

/** Asked for once per process; again after a failure. */
async function configurationOf(provider: OAuthProvider): Promise<Configuration> {
  if (provider.kind === 'github') return gitHub(provider)
  const asked = configurations.get(provider) ?? discover(provider)
  configurations.set(provider, asked)
  try {
    return await asked
  } catch (cause) {
    configurations.delete(provider)
    throw new AppError('provider_unavailable', undefined, { cause })
  }
}

/** Microsoft's `common` names no issuer but one per tenant; openid-client knows, and expects that of the ID token's tenant. */
function discover({ issuer, client_id, client_secret }: OidcProvider): Promise<Configuration> {
  // The signature is checked although the ID token comes straight from the provider: a tenant of Microsoft's can have tokens
  // made with claims of its own choosing, but only under a key that is not among the published ones.
  const execute = [enableNonRepudiationChecks]
  if (issuer.startsWith('http:')) execute.push(allowInsecureRequests) // this machine: config.ts lets no other through
  return discovery(new URL(issuer), client_id, undefined, authentication(client_secret), {
    execute,
    timeout: TIMEOUT_SECONDS,
  })
}

function gitHub({ issuer, client_id, client_secret }: GitHubProvider): Configuration {
  const endpoints = { authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/access_token` }
  const config = new Configuration({ issuer, ...endpoints }, client_id, undefined, ClientSecretPost(client_secret))
  config.timeout = TIMEOUT_SECONDS
  if (issuer.startsWith('http:')) allowInsecureRequests(config)
  return config
}

/** In the body, which survives any character in a secret, unless the provider takes it in the header only. */
function authentication(secret: string): ClientAuth {
  const [post, basic] = [ClientSecretPost(secret), ClientSecretBasic(secret)]
  return (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported
    return (methods?.includes('client_secret_post') ? post : basic)(server, ...rest)
  }
}

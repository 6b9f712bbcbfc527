import { generateKeyPairSync, sign } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { identify, newSecrets } from '../../app/core/oauth-client.ts'
import { type OAuthProvider, oauthProviders } from '../../app/core/oauth-providers.ts'

// Microsoft's `common` cannot be played by a server on this machine: openid-client knows it by its address. So `fetch` is
// answered here, with what Microsoft publishes.

const BASE = 'https://login.microsoftonline.com'
const [TENANT, OTHER] = ['11111111-aaaa-bbbb-cccc-000000000001', '22222222-aaaa-bbbb-cccc-000000000002']
const METADATA = {
  issuer: `${BASE}/{tenantid}/v2.0`,
  authorization_endpoint: `${BASE}/common/oauth2/v2.0/authorize`,
  token_endpoint: `${BASE}/common/oauth2/v2.0/token`,
  jwks_uri: `${BASE}/common/discovery/v2.0/keys`,
  token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
  id_token_signing_alg_values_supported: ['RS256'],
}
const published = generateKeyPairSync('rsa', { modulusLength: 2048 })
const tenantsOwn = generateKeyPairSync('rsa', { modulusLength: 2048 })
const jwks = { keys: [{ ...published.publicKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'RS256' }] }

type Claims = Record<string, unknown>
const secrets = newSecrets()
let idToken = ''

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

function tokenOf(claims: Claims, { privateKey } = published): string {
  const now = Math.floor(Date.now() / 1000)
  const basics = { aud: 'ms-client', iat: now, exp: now + 600, nonce: secrets.nonce, sub: 'pairwise' }
  const tenant = { tid: TENANT, iss: `${BASE}/${TENANT}/v2.0` }
  const text = `${part({ alg: 'RS256', kid: 'k1' })}.${part({ ...basics, ...tenant, ...claims })}`
  return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`
}

async function microsoft(address: string | URL | Request): Promise<Response> {
  const url = address instanceof Request ? address.url : String(address)
  if (url === `${BASE}/common/v2.0/.well-known/openid-configuration`) return Response.json(METADATA)
  if (url === METADATA.jwks_uri) return Response.json(jwks)
  if (url === METADATA.token_endpoint)
    return Response.json({ access_token: 'at', token_type: 'Bearer', expires_in: 3600, id_token: idToken })
  throw new TypeError('fetch failed')
}

/** A description of its own for each test: what is known of a provider is kept with its description. */
function provider(): OAuthProvider {
  const [found] = oauthProviders({ MICROSOFT_CLIENT_ID: 'ms-client', MICROSOFT_CLIENT_SECRET: 'hush' }, [])
  return found!
}

function logIn(token: string) {
  idToken = token
  const back = new URL('https://api.example.com/api/v1/auth/oauth/microsoft/callback?code=c&state=s')
  return identify(provider(), back, secrets, 's')
}

beforeEach(() => void vi.stubGlobal('fetch', microsoft))
afterEach(() => void vi.unstubAllGlobals())

describe('a log-in at Microsoft', () => {
  test('is of a tenant, and the same subject of two tenants is two people', async () => {
    const other = { tid: OTHER, iss: `${BASE}/${OTHER}/v2.0` }
    expect((await logIn(tokenOf({}))).subject).toBe(`${TENANT}/pairwise`)
    expect((await logIn(tokenOf(other))).subject).toBe(`${OTHER}/pairwise`)
  })

  test.for([
    ['no word on the address', {}, undefined],
    ['xms_edov true', { xms_edov: true }, 'jane@acme.com'],
    ['xms_edov 1', { xms_edov: 1 }, 'jane@acme.com'],
    ['xms_edov "1"', { xms_edov: '1' }, 'jane@acme.com'],
    ['xms_edov false', { xms_edov: false }, undefined],
    ['xms_edov "0"', { xms_edov: '0' }, undefined],
    ['email_verified "false"', { email_verified: 'false' }, undefined],
  ] as const)('with %s has the verified address %j', async ([, claims, email]) => {
    expect((await logIn(tokenOf({ email: 'jane@acme.com', ...claims }))).verified_email).toBe(email)
  })

  test.for([
    ['an issuer of another tenant', { iss: `${BASE}/${OTHER}/v2.0` }],
    ['no tenant', { tid: undefined }],
    ['another audience', { aud: 'other-client' }],
    ['another nonce', { nonce: 'other' }],
    ['a time that is over', { exp: 1 }],
  ] as const)('with %s is refused', async ([, claims]) => {
    await expect(logIn(tokenOf(claims))).rejects.toMatchObject({ code: 'oauth_failed' })
  })

  test('with claims that a tenant has signed by a key of its own is refused', async () => {
    const claims = { email: 'jane@acme.com', email_verified: true }
    await expect(logIn(tokenOf(claims, tenantsOwn))).rejects.toMatchObject({ code: 'oauth_failed' })
    expect(await logIn(tokenOf(claims))).toEqual({ subject: `${TENANT}/pairwise`, verified_email: 'jane@acme.com' })
  })
})

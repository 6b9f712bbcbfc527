import { afterEach, expect, test, vi } from 'vitest'
import { authorizationUrl, newSecrets } from '../../app/core/oauth-client.ts'
import { oauthProviders } from '../../app/core/oauth-providers.ts'

const ISSUER = 'https://id.acme.com'

/** Where a browser is sent by a provider whose configuration, found at the issuer's address, names this issuer. */
function leave(issuer: string): Promise<string> {
  const metadata = { issuer, authorization_endpoint: `${issuer}/auth`, token_endpoint: `${issuer}/token` }
  vi.stubGlobal('fetch', async () => Response.json(metadata))
  const env = { OIDC_ACME_ISSUER: ISSUER, OIDC_ACME_CLIENT_ID: 'id', OIDC_ACME_CLIENT_SECRET: 'hush' }
  const [provider] = oauthProviders(env, [])
  return authorizationUrl(provider!, newSecrets(), 'state', 'https://api.example.com/callback')
}

afterEach(() => void vi.unstubAllGlobals())

test('a provider’s configuration counts only when it names the issuer of the settings', async () => {
  expect(await leave(ISSUER)).toMatch(/^https:\/\/id\.acme\.com\/auth\?/)
  for (const other of ['https://evil.example.com', 'https://id.acme.com/other'])
    await expect(leave(other)).rejects.toMatchObject({ code: 'provider_unavailable' })
})

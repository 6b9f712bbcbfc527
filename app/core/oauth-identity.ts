import {
  type Configuration,
  type TokenEndpointResponse,
  type TokenEndpointResponseHelpers,
  fetchProtectedResource,
  fetchUserInfo,
} from 'openid-client'
import { z } from 'zod'

/** Who somebody is at a provider. */
export interface Identity {
  /** For ever, unlike the e-mail address, and unique at the provider. */
  subject: string
  /** The address, if the provider says that it is theirs. */
  verified_email: string | undefined
}

type Tokens = TokenEndpointResponse & TokenEndpointResponseHelpers

/** At most 255 ASCII characters (OpenID Connect Core §2). */
const Subject = z.string().regex(/^[\x20-\x7e]{1,255}$/)

/**
 * Microsoft's `email` is whatever the tenant's administrator has typed, and it sends no `email_verified`; `xms_edov` says that the
 * address is of a domain that the tenant owns ("nOAuth": https://learn.microsoft.com/entra/identity-platform/migrate-off-email-claim-authorization).
 */
const EmailClaims = z.object({
  email: z.email().max(255).optional().catch(undefined),
  email_verified: z.literal(true).optional().catch(undefined),
  xms_edov: z
    .union([z.literal(true), z.literal(1), z.literal('1')])
    .optional()
    .catch(undefined),
})

/** From the ID token; the address from there or, where it has none, from the userinfo endpoint. */
export async function oidcIdentity(config: Configuration, tokens: Tokens): Promise<Identity> {
  const claims = tokens.claims()
  if (!claims) throw new Error('The provider sent no ID token')
  const server = config.serverMetadata()
  const askFurther = claims['email'] === undefined && server.userinfo_endpoint !== undefined
  const about = askFurther ? await fetchUserInfo(config, tokens.access_token, claims.sub) : claims
  // A subject is unique within its issuer, and Microsoft's tenants are issuers of their own (OpenID Connect Core §5.7).
  const tenant = server.issuer.includes('{tenantid}') ? `${Subject.parse(claims['tid'])}/` : ''
  return {
    subject: Subject.parse(tenant + claims.sub),
    verified_email: verifiedEmail(EmailClaims.parse(about)),
  }
}

const verifiedEmail = ({ email, email_verified, xms_edov }: z.output<typeof EmailClaims>): string | undefined =>
  email_verified || xms_edov ? email : undefined

const GitHubUser = z.object({ id: z.int().positive() })
const GitHubEmails = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }))
const GitHubEmail = z.email().max(255).optional().catch(undefined)

/** From GitHub's API: the number of the account, which stays when its name changes, and the primary address. */
export async function gitHubIdentity(config: Configuration, api: string, { access_token }: Tokens): Promise<Identity> {
  const get = async (path: string): Promise<unknown> => {
    const headers = new Headers({ accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' })
    const response = await fetchProtectedResource(config, access_token, new URL(api + path), 'GET', null, headers)
    if (!response.ok) throw new Error('GitHub refused its own token', { cause: response })
    return response.json()
  }
  const { id } = GitHubUser.parse(await get('/user'))
  const primary = GitHubEmails.parse(await get('/user/emails')).find((address) => address.primary)
  return { subject: String(id), verified_email: GitHubEmail.parse(primary?.verified ? primary.email : undefined) }
}

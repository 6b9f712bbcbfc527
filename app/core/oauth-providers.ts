interface Client {
  /** In the address: `/auth/oauth/{name}/authorize` */
  name: string
  client_id: string
  client_secret: string
}

/** OpenID Connect: everything else is found at the issuer's address. */
export interface OidcProvider extends Client {
  kind: 'oidc'
  issuer: string
}

/** GitHub: OAuth 2, with nothing to be found and an API of its own. */
export interface GitHubProvider extends Client {
  kind: 'github'
  /** Who its answers say they are from (RFC 9207). Its pages for people and its token endpoint are below it. */
  issuer: string
  api: string
}

/** A provider that people may log in with. */
export type OAuthProvider = OidcProvider | GitHubProvider

type Addresses = Omit<OidcProvider, keyof Client> | Omit<GitHubProvider, keyof Client>

/** https://docs.github.com/en/apps/github-authentication-discovery-endpoints */
const KNOWN: Record<string, Addresses> = {
  GOOGLE: { kind: 'oidc', issuer: 'https://accounts.google.com' },
  MICROSOFT: { kind: 'oidc', issuer: 'https://login.microsoftonline.com/common/v2.0' },
  GITHUB: { kind: 'github', issuer: 'https://github.com/login/oauth', api: 'https://api.github.com' },
}

/**
 * The providers of `GOOGLE_|GITHUB_|MICROSOFT_CLIENT_ID/_SECRET` and of `OIDC_<NAME>_ISSUER/_CLIENT_ID/_CLIENT_SECRET`. One that
 * is named in part, or twice, is a fault.
 */
export function oauthProviders(env: NodeJS.Dict<string>, faults: string[]): OAuthProvider[] {
  const known = Object.entries(KNOWN).map(([prefix, addresses]) => ({ prefix, name: prefix.toLowerCase(), addresses }))
  const names = Object.keys(env)
    .filter((key) => env[key])
    .flatMap((key) => /^OIDC_([A-Z0-9]+)_(?:ISSUER|CLIENT_ID|CLIENT_SECRET)$/.exec(key)?.[1] ?? [])
  const own = [...new Set(names)].map((name) => {
    const prefix = `OIDC_${name}`
    const issuer = env[`${prefix}_ISSUER`] ?? ''
    if (name in KNOWN || name.length > 50)
      faults.push(`${prefix}_ISSUER: expected another name, of up to 50 characters`)
    if (!isSafeAddress(issuer)) faults.push(`${prefix}_ISSUER: expected the issuer's https:// address`)
    return { prefix, name: name.toLowerCase(), addresses: { kind: 'oidc' as const, issuer } }
  })
  return [...known, ...own].flatMap(({ prefix, name, addresses }) => {
    const [client_id, client_secret] = [env[`${prefix}_CLIENT_ID`], env[`${prefix}_CLIENT_SECRET`]]
    if (client_id && client_secret) return [{ name, client_id, client_secret, ...addresses }]
    if (client_id) faults.push(`${prefix}_CLIENT_SECRET: required with ${prefix}_CLIENT_ID`)
    else if (client_secret) faults.push(`${prefix}_CLIENT_ID: required with ${prefix}_CLIENT_SECRET`)
    else if (prefix.startsWith('OIDC_'))
      for (const part of ['CLIENT_ID', 'CLIENT_SECRET'])
        faults.push(`${prefix}_${part}: required with ${prefix}_ISSUER`)
    return []
  })
}

/** TLS, or this machine. */
function isSafeAddress(address: string): boolean {
  const { protocol, hostname } = URL.parse(address) ?? {}
  return protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1'].includes(hostname ?? ''))
}

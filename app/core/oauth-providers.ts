/** A provider that people may log in with: OpenID Connect or, for GitHub, OAuth 2. */
export interface OAuthProvider {
  /** In the address: `/auth/oauth/{name}/authorize` */
  name: string
  /** Where its configuration is found; undefined for GitHub, which has none. */
  issuer: string | undefined
  client_id: string
  client_secret: string
}

const KNOWN: Record<string, string | undefined> = {
  GOOGLE: 'https://accounts.google.com',
  MICROSOFT: 'https://login.microsoftonline.com/common/v2.0',
  GITHUB: undefined,
}

/**
 * The providers of `GOOGLE_|GITHUB_|MICROSOFT_CLIENT_ID/_SECRET` and of `OIDC_<NAME>_ISSUER/_CLIENT_ID/_CLIENT_SECRET`. One that
 * is named in part is a fault.
 */
export function oauthProviders(env: NodeJS.Dict<string>, faults: string[]): OAuthProvider[] {
  const known = Object.entries(KNOWN).map(([prefix, issuer]) => ({ prefix, name: prefix.toLowerCase(), issuer }))
  const names = Object.keys(env).flatMap(
    (key) => /^OIDC_([A-Z0-9]+)_(?:ISSUER|CLIENT_ID|CLIENT_SECRET)$/.exec(key)?.[1] ?? [],
  )
  const own = [...new Set(names)].map((name) => {
    const prefix = `OIDC_${name}`
    const issuer = env[`${prefix}_ISSUER`]
    if (!issuer || !/^https:\/\/.|^http:\/\/(localhost|127\.0\.0\.1)(:|\/|$)/.test(issuer))
      faults.push(`${prefix}_ISSUER: expected the issuer's https:// address`)
    return { prefix, name: name.toLowerCase(), issuer }
  })
  return [...known, ...own].flatMap(({ prefix, name, issuer }) => {
    const [client_id, client_secret] = [env[`${prefix}_CLIENT_ID`], env[`${prefix}_CLIENT_SECRET`]]
    if (client_id && client_secret) return [{ name, issuer, client_id, client_secret }]
    if (client_id) faults.push(`${prefix}_CLIENT_SECRET: required with ${prefix}_CLIENT_ID`)
    else if (client_secret) faults.push(`${prefix}_CLIENT_ID: required with ${prefix}_CLIENT_SECRET`)
    else if (prefix.startsWith('OIDC_')) faults.push(`${prefix}_CLIENT_ID: required with ${prefix}_ISSUER`)
    return []
  })
}

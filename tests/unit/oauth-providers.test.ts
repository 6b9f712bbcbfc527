import { describe, expect, test } from 'vitest'
import { SettingsError, loadSettings } from '../../app/core/config.ts'
import { oauthProviders } from '../../app/core/oauth-providers.ts'

const client = (prefix: string) => ({ [`${prefix}_CLIENT_ID`]: 'id', [`${prefix}_CLIENT_SECRET`]: 'hush' })
const own = (issuer: string, name = 'ACME') => ({ ...client(`OIDC_${name}`), [`OIDC_${name}_ISSUER`]: issuer })

function faultsOf(env: NodeJS.Dict<string>): string[] {
  const faults: string[] = []
  oauthProviders(env, faults)
  return faults
}

describe('log-in providers', () => {
  test('are those that the settings give a client for', () => {
    const env = { ...client('GOOGLE'), ...client('GITHUB'), ...client('MICROSOFT'), ...own('https://id.acme.com') }
    const faults: string[] = []
    expect(oauthProviders(env, faults).map(({ name, kind, issuer }) => [name, kind, issuer])).toEqual([
      ['google', 'oidc', 'https://accounts.google.com'],
      ['microsoft', 'oidc', 'https://login.microsoftonline.com/common/v2.0'],
      ['github', 'github', 'https://github.com/login/oauth'],
      ['acme', 'oidc', 'https://id.acme.com'],
    ])
    expect(faults).toEqual([])
  })

  test.for([
    [{ GOOGLE_CLIENT_ID: 'id' }, 'GOOGLE_CLIENT_SECRET: required with GOOGLE_CLIENT_ID'],
    [{ GITHUB_CLIENT_SECRET: 'hush' }, 'GITHUB_CLIENT_ID: required with GITHUB_CLIENT_SECRET'],
    [client('OIDC_ACME'), 'OIDC_ACME_ISSUER: expected the issuer’s https:// address'],
    [own('https://id.acme.com', 'GOOGLE'), 'OIDC_GOOGLE_ISSUER: expected another name, of up to 50 characters'],
  ] as const)('%j is a fault', ([env, fault]) => {
    expect(faultsOf(env)).toEqual([fault.replace('’', "'")])
  })

  test('of an issuer alone lack both halves of the client', () => {
    expect(faultsOf({ OIDC_ACME_ISSUER: 'https://id.acme.com' })).toEqual([
      'OIDC_ACME_CLIENT_ID: required with OIDC_ACME_ISSUER',
      'OIDC_ACME_CLIENT_SECRET: required with OIDC_ACME_ISSUER',
    ])
  })

  test('that are set to nothing are not set', () => {
    expect(faultsOf({ OIDC_ACME_ISSUER: '', OIDC_ACME_CLIENT_ID: '', GOOGLE_CLIENT_ID: '' })).toEqual([])
  })

  test.for([
    ['https://id.acme.com/realms/a', 0],
    ['http://localhost:9000', 0],
    ['http://127.0.0.1:9000/x', 0],
    ['http://id.acme.com', 1],
    ['http://localhost:x@id.acme.com', 1],
    ['http://localhost.acme.com', 1],
    ['https://', 1],
    ['id.acme.com', 1],
  ] as const)('an issuer %s has %i faults', ([issuer, count]) => {
    expect(faultsOf(own(issuer))).toHaveLength(count)
  })

  test('need PUBLIC_URL in production, where a Host header must not decide', () => {
    const SECRET_KEY = 'k'.repeat(32)
    const load = (env: NodeJS.ProcessEnv) => () => loadSettings({ SECRET_KEY, ...env }, import.meta.dirname)
    const production = { ENVIRONMENT: 'production', ...client('GOOGLE') }
    expect(load(production)).toThrow(new SettingsError(['PUBLIC_URL: required in production with a log-in provider']))
    expect(load({ ...production, PUBLIC_URL: 'https://api.acme.com' })).not.toThrow()
    expect(load({ ENVIRONMENT: 'production' })).not.toThrow()
    expect(load(client('GOOGLE'))).not.toThrow()
  })
})

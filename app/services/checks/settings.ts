import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { SETTING_NAMES } from '../../core/config.ts'
import type { Check } from './check.ts'
import { isNearly } from './nearly.ts'

export const settingChecks: Check[] = [
  {
    id: 'settings.W001',
    about: 'A name in `.env` or in the environment is nearly that of a setting, and does nothing',
    hint: 'Correct the name; docs/settings.md has them all',
    find({ env, settings: { directory } }) {
      const names = new Set([...Object.keys(env), ...namesInFile(join(directory, '.env'))])
      const meant = [...names].flatMap((name) => sentenceFor(name) ?? [])
      return meant.length > 0 ? meant.sort().join(', ') : undefined
    },
  },
  {
    id: 'settings.W002',
    about: 'An origin in BACKEND_CORS_ORIGINS is not written as browsers write it, and lets no page in',
    hint: 'Scheme, host and port only, in small letters, without a slash at the end',
    find({ settings: { BACKEND_CORS_ORIGINS } }) {
      const expected = BACKEND_CORS_ORIGINS.filter((text) => originOf(text) !== text).map(originOf)
      return expected.length > 0 ? `Browsers send ${expected.join(', ')}` : undefined
    },
  },
  {
    id: 'settings.W003',
    about: 'In production the pages at FRONTEND_URL may not call the API, though others may',
    hint: 'Add its origin to BACKEND_CORS_ORIGINS, or correct FRONTEND_URL',
    find({ production, settings: { BACKEND_CORS_ORIGINS, FRONTEND_URL, PUBLIC_URL } }) {
      const origin = originOf(FRONTEND_URL)
      const allowed = [...BACKEND_CORS_ORIGINS, ...(PUBLIC_URL ? [PUBLIC_URL] : [])].map(originOf)
      const isShutOut = production && BACKEND_CORS_ORIGINS.length > 0 && !allowed.includes(origin)
      return isShutOut ? `BACKEND_CORS_ORIGINS lacks ${origin}` : undefined
    },
  },
]

const originOf = (address: string): string => new URL(address).origin // a password before the host is no part of it

function namesInFile(path: string): string[] {
  try {
    return Object.keys(parseEnv(readFileSync(path, 'utf8')))
  } catch {
    return []
  }
}

const PROVIDER = /^OIDC_[A-Z0-9]+_(ISSUER|CLIENT_ID|CLIENT_SECRET)$/
// Shorter ones have too many neighbours that mean something else: PORT and POST.
const SHORTEST = 8

function sentenceFor(name: string): string | undefined {
  const names: string[] = SETTING_NAMES
  if (names.includes(name) || PROVIDER.test(name)) return undefined
  if (/^OIDC_/i.test(name)) return `${name} (OIDC_<NAME>_ISSUER, _CLIENT_ID or _CLIENT_SECRET, in capital letters?)`
  const near = names.find((setting) => setting.length >= SHORTEST && isNearly(name, setting))
  return near && `${name} (${near}?)`
}

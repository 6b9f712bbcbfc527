import fc from 'fast-check'
import { ALL_PERMISSIONS } from '../../../app/core/permissions.ts'
import type { Operation, Schema } from './document.ts'
import { Hole } from './hole.ts'
import { isReference, kindInReply, kindOfField } from './kinds.ts'

const number = fc.nat({ max: 1000 })
const seldom = fc.integer({ min: 0, max: 9 }).map((n) => n === 0)

/** Something known of a kind; now and then of the other company. */
export const hole = (kind: string): fc.Arbitrary<Hole> =>
  fc.tuple(number, seldom).map(([n, foreign]) => new Hole(kind, n, foreign))
const own = (kind: string) => number.map((n) => new Hole(kind, n))

const word = fc.stringMatching(/^[a-z][a-z0-9]{2,11}$/)
/** What a field takes and, now and then, what it refuses though its schema does not say so. */
const mostly = (taken: fc.Arbitrary<unknown>, ...refused: unknown[]) =>
  fc.oneof({ weight: 12, arbitrary: taken }, { weight: 1, arbitrary: fc.constantFrom(...refused) })

const password = mostly(
  word.map((text) => `a long enough ${text}`),
  'password1',
  'short',
  'admin@example.com',
  'é'.repeat(64),
  '🔑'.repeat(40),
)
const permission = mostly(
  fc.constantFrom(...ALL_PERMISSIONS, 'product:read'),
  'nothing.read',
  'product.',
  'everything',
  'user.*',
)
const zone = mostly(fc.constantFrom('Europe/Berlin', 'UTC', 'America/New_York', 'Asia/Kolkata'), 'Mars/Olympus')
const address = mostly(
  fc.constantFrom('https://example.com/a?b=c#d', 'http://localhost', 'https://münchen.example'),
  'ftp://example.com',
  'javascript:alert(1)',
  '//example.com',
)
const price = mostly(
  fc.oneof(
    fc.double({ min: 0, max: 1e6, noNaN: true }).map((n) => n.toFixed(2)),
    fc.constantFrom<string | number>('0', '99999999.99', 0.1, 12),
  ),
  '100000000',
  '1e3',
  '-1',
  '1.234',
  1e21,
)
// Names that must be unique: mostly new ones, and a few that are taken time and again.
const unique = (of: (text: string) => string) => mostly(word.map(of), of('one'), of('two'))

/** What no schema says: values for fields by their names. */
const BY_NAME: Record<string, fc.Arbitrary<unknown>> = {
  price,
  sku: unique((text) => `S-${text}`),
  codename: unique((text) => text),
  username: unique((text) => `u_${text}`),
  email: unique((text) => `${text}@example.com`),
  timezone: zone,
  time_zone: zone,
  model_name: mostly(fc.constant('products'), 'users', 'nothing', 'messages', 'pg_class'),
  permission,
  permissions: fc.array(permission, { minLength: 1, maxLength: 3 }),
  url: address,
  website: address,
  avatar_url: address,
  link: mostly(fc.constantFrom('/products/1', 'https://example.com'), '//example.com', 'javascript:alert(1)', ''),
  version: own('version'),
  refresh_token: own('refresh_token'),
  token: own('link_token'),
  new_password: password,
  current_password: own('password'),
  emoji: mostly(fc.constantFrom('👍', '❤', '👩‍👩‍👧‍👦', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🎉'), 'x', '👍👍'),
  type: fc.constantFrom('products', 'users', 'roles', 'nothing'),
  provider: fc.constantFrom('google', 'none', 'é', '__proto__'),
  cursor: own('cursor'),
  expires_at: fc
    .integer({ min: 1, max: 10_000 })
    .map((hours) => new Date(Date.now() + hours * 3_600_000).toISOString()),
  since: fc.constantFrom('1', '0', '7412345678901234', '9999999999999999'),
}

/** And where the operation matters, too. */
const BY_OPERATION: Record<string, Record<string, fc.Arbitrary<unknown>>> = {
  'POST /api/v1/auth/login': { username: own('username'), password: own('password') },
  'POST /api/v1/auth/switch-company': { company_id: own('own_company') },
  'POST /api/v1/auth/forgot-password': { email: fc.oneof(own('email'), BY_NAME['email']!) },
  'POST /api/v1/auth/register': { password },
  'POST /api/v1/users': { password },
}
const CODES = { code: own('two_factor_code'), password: own('password'), two_factor_code: own('two_factor_code') }
const CREDENTIALS = { credential: own('attestation') }

/** What a field of this name in this operation takes, if its name says more than its schema. */
export function hinted(
  name: string,
  schema: Schema,
  { name: operation, path }: Operation,
): fc.Arbitrary<unknown> | undefined {
  const special = BY_OPERATION[operation]?.[name]
  if (special) return special
  if (path.includes('/2fa/') && name in CODES) return CODES[name as keyof typeof CODES]
  if (path.includes('/passkeys/register/') && name in CREDENTIALS) return CREDENTIALS.credential
  if (path.includes('/passkeys/login/') && name === 'credential') return own('assertion')
  if (path.includes('/passkeys/') && name === 'password') return own('password')
  if (name === 'two_factor_code') return CODES.two_factor_code
  if (name === 'ids') return fc.array(hole(kindInReply(path.replace(/\/bulk.*/, ''))), { minLength: 1, maxLength: 3 })
  if (isReference(name) && name.endsWith('s')) return fc.array(hole(kindOfField(name)), { minLength: 1, maxLength: 3 })
  if (isReference(name)) return name === 'company_id' ? own('own_company') : hole(kindOfField(name))
  if (name === 'code' && schema.pattern) return unique((text) => text.toUpperCase())
  return BY_NAME[name]
}

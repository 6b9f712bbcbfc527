import { seal } from '../../../app/core/sealing.ts'
import { totpOwner } from '../../../app/services/auth/two-factor-codes.ts'
import { inject } from 'vitest'
import { manage } from '../command-line.ts'
import { rowsOf } from '../migrations.ts'
import { type CheckCase, GOOD_KEY, type Row, developing, given, good, withFiles } from './case.ts'

const OLD_KEY = '0b7e4a66c1d94f38a2550dd1e9f3b8c7'

/** A second factor that is sealed under a key. */
const sealed =
  (SECRET_KEY: string, env: NodeJS.ProcessEnv = {}): Row =>
  async ({ engine }) => {
    const { id } = inject('baseline').users.superuser
    const secret = seal('JBSWY3DPEHPK3PXP', totpOwner(id), { SECRET_KEY, SECRET_KEY_PREVIOUS: undefined })
    await rowsOf(engine, `insert into totp_secrets (user_id, secret, enabled_at) values (${id}, '${secret}', now())`)
    return { env }
  }

const demoUsers =
  (change: string): Row =>
  async ({ engine }) => {
    await rowsOf(engine, 'delete from users')
    await manage(['load-data'], { engine })
    await rowsOf(engine, change)
    return {}
  }

export const secretCases: Record<string, CheckCase> = {
  'security.E001': {
    fails: [
      given({ SECRET_KEY: 'a'.repeat(64) }),
      given({ SECRET_KEY: 'please-change-me-before-production-0815' }),
      given({ SECRET_KEY: '0123456789abcdef'.repeat(4) }),
    ],
    says: /^SECRET_KEY is easy to guess$/,
    passes: [good, developing({ SECRET_KEY: 'a'.repeat(64) })],
  },
  'security.E002': {
    fails: [withFiles({ 'var/secret.key': { text: GOOD_KEY, mode: 0o600 } })],
    says: /^SECRET_KEY is the key of development, in var\/secret\.key$/,
    passes: [good, withFiles({ 'var/secret.key': { text: OLD_KEY, mode: 0o600 } })],
  },
  'security.E003': {
    fails: [demoUsers(`update users set is_active = username = 'admin'`)],
    says: /^Demo passwords still work for: admin$/,
    passes: [good, demoUsers('update users set is_active = false'), demoUsers(`update users set password_hash = ''`)],
  },
  'security.E004': {
    fails: [sealed(OLD_KEY), sealed('another key, which nobody has any more')],
    says: /^Second factors that no key opens: 1$/,
    passes: [good, sealed(GOOD_KEY), sealed(OLD_KEY, { SECRET_KEY_PREVIOUS: OLD_KEY })],
  },
  'security.W004': {
    fails: [given({ SECRET_KEY_PREVIOUS: GOOD_KEY })],
    says: /^SECRET_KEY and SECRET_KEY_PREVIOUS are the same$/,
    passes: [good, given({ SECRET_KEY_PREVIOUS: OLD_KEY })],
  },
  'security.W005': {
    fails: [given({ SECRET_KEY_PREVIOUS: OLD_KEY }), sealed(GOOD_KEY, { SECRET_KEY_PREVIOUS: OLD_KEY })],
    says: /^Everything is sealed under SECRET_KEY$/,
    passes: [good, sealed(OLD_KEY, { SECRET_KEY_PREVIOUS: OLD_KEY })],
  },
}

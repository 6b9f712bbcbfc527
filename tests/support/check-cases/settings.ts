import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type CheckCase, developing, given, good, withFiles } from './case.ts'

const file = (text: string, mode = 0o600) => ({ '.env': { text, mode } })
const key = (mode: number) => ({ 'var/secret.key': { text: 'k'.repeat(64), mode } })

export const settingCases: Record<string, CheckCase> = {
  'settings.W001': {
    fails: [
      withFiles(file('DATABSE_URL=postgres://localhost/shop\n')),
      withFiles(file('database_url=postgres://localhost/shop\n')),
      withFiles(file('FRONT_END_URL=https://app.example.com\n')),
      withFiles(file('SECERT_KEY=hush\n')),
      withFiles(file('OIDC_okta_ISSUER=https://okta.example.com\n')),
      () => ({ subject: { env: { REDIS_URI: 'redis://localhost' } } }),
    ],
    says: /^\w+ \(\S.*\?\)$/,
    passes: [
      good,
      withFiles(file('PORT=1\nPOST=1\nVITE_API_URL=1\nOIDC_OKTA_ISSUER=https://okta.example.com\nREDIS_PORT=1\n')),
    ],
  },
  'settings.W002': {
    fails: [
      given({ BACKEND_CORS_ORIGINS: 'https://app.example.com/' }),
      given({ BACKEND_CORS_ORIGINS: 'https://App.Example.com' }),
      given({ BACKEND_CORS_ORIGINS: 'https://user:hunter2@app.example.com:443/path' }),
    ],
    says: /^Browsers send https:\/\/app\.example\.com$/,
    passes: [good, given({ BACKEND_CORS_ORIGINS: '' })],
  },
  'settings.W003': {
    fails: [given({ BACKEND_CORS_ORIGINS: 'https://shop.example.com' })],
    says: /^BACKEND_CORS_ORIGINS lacks https:\/\/app\.example\.com$/,
    passes: [
      good,
      given({ BACKEND_CORS_ORIGINS: '' }),
      given({ BACKEND_CORS_ORIGINS: 'https://shop.example.com', FRONTEND_URL: 'https://api.example.com/shop' }),
      developing({ BACKEND_CORS_ORIGINS: 'http://localhost:3000' }),
    ],
  },
  'files.E001': {
    fails: [
      given({ LOG_DIR: '/dev/null/logs' }),
      ({ folder }) => {
        mkdirSync(join(folder, 'logs', 'fastvue.log'), { recursive: true })
        return { env: { LOG_DIR: join(folder, 'logs') } }
      },
    ],
    says: / is not to be written to \(LOG_DIR\)$/,
    passes: [
      good,
      ({ folder }) => ({ env: { LOG_DIR: join(folder, 'logs', 'here') } }),
      ({ folder }) => {
        symlinkSync('/dev/null', join(folder, 'fastvue.log'))
        return { env: { LOG_DIR: folder } }
      },
    ],
  },
  'files.W001': {
    fails: [given({ LOG_DIR: '/proc' })], // where nothing can be stored
    says: /^\/proc has 0 MB left$/,
    passes: [good],
    runIf: existsSync('/proc/self'),
  },
  'files.W002': {
    fails: [withFiles(key(0o644)), withFiles(file('PORT=1\n', 0o644)), withFiles(key(0o602))],
    says: /^Others may read or change (var\/secret\.key|\.env)$/,
    passes: [good, withFiles({ ...key(0o600), ...file('PORT=1\n', 0o640) })],
  },
}

import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { SettingsError, loadSettings } from '../../app/core/config.ts'
import { test } from '../support/temporary-folder.ts'

const SECRET_KEY = 'k'.repeat(32)

function faults(env: NodeJS.ProcessEnv, folder: string): string[] {
  try {
    loadSettings(env, folder)
    return []
  } catch (error) {
    if (error instanceof SettingsError) return error.faults
    throw error
  }
}

describe('settings', () => {
  test('have defaults that need nothing to be set up', ({ folder }) => {
    expect(loadSettings({}, folder)).toMatchObject({
      ENVIRONMENT: 'development',
      PORT: 8000,
      LOG_DIR: join(folder, 'logs'),
      DATABASE: { kind: 'embedded', path: join(folder, 'var/db') },
    })
  })

  test('come from the environment first, then from .env', ({ folder }) => {
    writeFileSync(join(folder, '.env'), 'PORT=1111\nexport LOG_LEVEL="DEBUG" # loud\n\n# PORT 1\n')
    expect(loadSettings({ PORT: '2222' }, folder)).toMatchObject({ PORT: 2222, LOG_LEVEL: 'DEBUG' })
    expect(loadSettings({ PORT: '' }, folder).PORT).toBe(8000)
  })

  test.for([
    [undefined, { kind: 'embedded', path: 'var/db' }],
    ['file:data/here', { kind: 'embedded', path: 'data/here' }],
    ['memory:', { kind: 'memory' }],
    ['postgres://db/shop', { kind: 'server', url: 'postgres://db/shop' }],
    ['postgresql://db/shop', { kind: 'server', url: 'postgresql://db/shop' }],
  ] as const)('DATABASE_URL %s is %j', ([DATABASE_URL, target], { folder }) => {
    const expected = 'path' in target ? { ...target, path: join(folder, target.path) } : target
    expect(loadSettings({ SECRET_KEY, DATABASE_URL }, folder).DATABASE).toEqual(expected)
  })

  test('RATE_LIMIT_ENDPOINTS is laid over its defaults', ({ folder }) => {
    const endpoints = (RATE_LIMIT_ENDPOINTS?: string) =>
      loadSettings({ SECRET_KEY, RATE_LIMIT_ENDPOINTS }, folder).RATE_LIMIT_ENDPOINTS
    const defaults = endpoints()
    expect(defaults).toContain('/auth/login=5/300')
    const given = endpoints('/auth/login/=9/60, /products/:id=7/1')
    expect(given).toEqual([
      ...defaults.map((one) => one.replace(/^\/auth\/login=.*/, '/auth/login/=9/60')),
      '/products/:id=7/1',
    ])
    for (const broken of ['auth/login=5/300', '/auth/login=0/300', '/auth/login=5', '/auth/login=5/0', '/x y=1/1'])
      expect(faults({ RATE_LIMIT_ENDPOINTS: broken }, folder)).toEqual([
        expect.stringMatching(/^RATE_LIMIT_ENDPOINTS: .*\/auth\/login=5\/300/),
      ])
  })

  test('name every value that cannot be used, and never a secret', ({ folder }) => {
    const env = { ENVIRONMENT: 'prod', PORT: '1.5', DB_POOL_SIZE: '0', SECRET_KEY: 'hush', BACKEND_CORS_ORIGINS: 'x' }
    const found = faults(env, folder)
    expect(found.map((fault) => fault.split(':')[0])).toEqual([
      'ENVIRONMENT',
      'SECRET_KEY',
      'BACKEND_CORS_ORIGINS',
      'DB_POOL_SIZE',
      'PORT',
    ])
    expect(found.join()).not.toContain('hush')
  })

  test.for<[string, string]>([
    ['REDIS_URL', 'redis://user:hush#hush@cache'],
    ['REDIS_URL', 'redis://user:12/hush@cache'],
    ['REDIS_URL', 'redis://user:12?hush@cache'],
    ['SMTP_URL', 'smtp://user:hush%@mail'],
    ['DATABASE_URL', 'postgres://user:hush#hush@db/shop'],
    ['DATABASE_URL', 'postgres://'],
    ['TRUSTED_PROXIES', 'hush'],
    ['TRUSTED_PROXIES', '0.0.0.0/0'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', '10.0.0.0/8/8'],
    ['TRUSTED_PROXIES', '::/'],
  ])('refuse %s=%s, which a library could not read, and do not quote it', ([name, value], { folder }) => {
    const [fault, ...others] = faults({ SECRET_KEY, [name]: value }, folder)
    expect(fault).toMatch(new RegExp(`^${name}: `))
    expect(fault).not.toContain('hush')
    expect(others).toEqual([])
  })

  test.for<[string, string]>([
    ['REDIS_URL', 'redis://user:hu%23sh%2F%40@cache:6379/1'],
    ['SMTP_URL', 'smtp://user:p%C3%A9@mail:587?requireTLS=true'],
    ['DATABASE_URL', 'postgres:///shop?host=/var/run/postgresql'],
    ['DATABASE_URL', 'file:a # b @ c % d'],
    ['TRUSTED_PROXIES', 'loopback, 10.0.0.0/8, 192.0.2.1, fc00::/7, ::1'],
  ])('take %s=%s', ([name, value], { folder }) => {
    expect(faults({ SECRET_KEY, [name]: value }, folder)).toEqual([])
  })

  test('name every broken line of .env, beside what is wrong in the others', ({ folder }) => {
    writeFileSync(join(folder, '.env'), 'PORT=high\nLOG_LEVEL DEBUG\nKEY="two\nlines"\n=1\n')
    expect(faults({}, folder)).toEqual([
      '.env line 2: expected NAME=value',
      '.env line 5: expected NAME=value',
      'PORT: expected a whole number from 0 to 65535',
    ])
  })

  test('name an .env that cannot be read', ({ folder }) => {
    mkdirSync(join(folder, '.env'))
    expect(faults({ SECRET_KEY }, folder)).toEqual([expect.stringMatching(/^\.env: cannot be read: EISDIR/)])
  })
})

describe('the key', () => {
  test('is required in production', ({ folder }) => {
    expect(faults({ ENVIRONMENT: 'production' }, folder)).toEqual([expect.stringMatching(/^SECRET_KEY: required/)])
    expect(faults({ ENVIRONMENT: 'production', SECRET_KEY }, folder)).toEqual([])
  })

  test('is required in production whatever else is wrong', ({ folder }) => {
    const given = { ENVIRONMENT: 'production', PORT: 'high', GOOGLE_CLIENT_ID: 'id', GOOGLE_CLIENT_SECRET: 'hush' }
    expect(faults(given, folder)).toEqual([
      'PORT: expected a whole number from 0 to 65535',
      expect.stringMatching(/^SECRET_KEY: required/),
      expect.stringMatching(/^PUBLIC_URL: required/),
    ])
  })

  test('is measured in bytes', ({ folder }) => {
    expect(faults({ SECRET_KEY: 'ü'.repeat(16) }, folder)).toEqual([])
    const short = 'ü'.repeat(15)
    expect(faults({ SECRET_KEY: short, SECRET_KEY_PREVIOUS: short }, folder)).toEqual([
      'SECRET_KEY: expected at least 32 bytes',
      'SECRET_KEY_PREVIOUS: expected at least 32 bytes',
    ])
  })

  test('is made once elsewhere, for its owner alone', ({ folder }) => {
    const { SECRET_KEY: made } = loadSettings({}, folder)
    expect(made).toMatch(/^[0-9a-f]{64}$/)
    expect(loadSettings({}, folder).SECRET_KEY).toBe(made)
    expect(statSync(join(folder, 'var/secret.key')).mode & 0o777).toBe(0o600)
  })

  test('is refused when its file was cut short or cannot be made', ({ folder }) => {
    mkdirSync(join(folder, 'var'))
    writeFileSync(join(folder, 'var/secret.key'), 'short')
    expect(faults({}, folder)).toEqual([expect.stringMatching(/^SECRET_KEY: not set, and .* it is too short/)])
    expect(readFileSync(join(folder, 'var/secret.key'), 'utf8')).toBe('short')
    expect(faults({}, '/dev/null/project')).toEqual([expect.stringMatching(/^SECRET_KEY: not set, and .* ENOTDIR/)])
  })
})

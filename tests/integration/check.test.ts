import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CHECKS } from '../../app/services/checks/index.ts'
import { levelOf } from '../../app/services/checks/check.ts'
import { manage } from '../support/command-line.ts'
import { describe, expect, test } from '../support/fixtures.ts'
import { rowsOf } from '../support/migrations.ts'
import { testSettings } from '../support/settings.ts'

const GOOD_KEY = '6f1d0c58a9e34b7729d1f6b0835ec4a2'
const MAIL = { SMTP_URL: 'smtps://user:password@mail.example.com', FRONTEND_URL: 'https://app.example.com' }
const production = (env: NodeJS.ProcessEnv = {}) =>
  testSettings({ ENVIRONMENT: 'production', SECRET_KEY: GOOD_KEY, DATABASE_URL: 'file:var/db', ...MAIL, ...env })
const ids = (stdout: string) => JSON.parse(stdout).map(({ id }: { id: string }) => id)

describe('check', () => {
  test('finds nothing wrong with a migrated development set-up', async ({ engine }) => {
    const { code, stdout } = await manage(['check'], { engine })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^\d+ checks, nothing found\n$/)
  })

  test('finds nothing wrong with a good production set-up', async ({ engine }) => {
    const { code, stdout } = await manage(['check', '--deploy', '--json'], { engine, settings: production() })
    expect({ code, findings: ids(stdout) }).toEqual({ code: 0, findings: [] })
  })

  test.for([
    ['security.E001', { SECRET_KEY: 'a'.repeat(64) }],
    ['security.E001', { SECRET_KEY: 'please-change-me-before-production-0815' }],
    ['security.W001', { BACKEND_CORS_ORIGINS: 'https://app.example.com,http://app.example.com' }],
    ['security.W002', { LOG_LEVEL: 'DEBUG' }],
    ['database.W002', { DATABASE_URL: 'memory:' }],
    ['mail.W001', { SMTP_URL: '' }],
    ['mail.W002', { FRONTEND_URL: 'http://app.example.com' }],
    ['redis.E001', { REDIS_URL: 'redis://user:hunter2@127.0.0.1:1' }],
  ] as const)('finds %s with %j', async ([id, env], { engine }) => {
    const { code, stdout } = await manage(['check', '--json'], { engine, settings: production(env) })
    expect({ code, findings: ids(stdout) }).toEqual({ code: id.includes('.E') ? 1 : 0, findings: [id] })
  })

  test('keeps secrets to itself', async ({ engine }) => {
    const settings = production({ REDIS_URL: 'redis://user:hunter2@127.0.0.1:1', SECRET_KEY: 'b'.repeat(40) })
    const { stdout, stderr } = await manage(['check', '--deploy'], { engine, settings })
    expect(stdout).toContain('Redis at 127.0.0.1:1 does not answer')
    expect(stdout + stderr).not.toMatch(/hunter2|bbbb/)
  })

  test('finds an unreachable database, and still checks the rest', async () => {
    const settings = production({ DATABASE_URL: 'postgres://root:hunter2@127.0.0.1:1/none', LOG_LEVEL: 'DEBUG' })
    const { code, stdout } = await manage(['check', '--json'], { settings })
    expect({ code, findings: ids(stdout) }).toEqual({ code: 1, findings: ['database.E001', 'security.W002'] })
    expect(stdout).not.toContain('hunter2')
  })

  test('finds migrations that are not applied, and those that are lost', async ({ engine }) => {
    await rowsOf(engine, `update fastvue_migrations set name = '0001_lost' where name = '0001_initial'`)
    const { code, stdout } = await manage(['check'], { engine })
    expect(code).toBe(1)
    expect(stdout).toContain('ERROR database.E002: Not applied: 0001_initial\n  Run ./manage migrate')
    expect(stdout).toContain('WARNING database.W001: Applied, but not in migrations/: 0001_lost')
  })

  test('finds a role that row-level security does not hold', async ({ engine }) => {
    // Not a table of ours: one that changes hands and back has lost its grants.
    await rowsOf(engine, 'create table held_by_nobody (id int)')
    await rowsOf(engine, 'alter table held_by_nobody enable row level security, owner to fastvue_app')
    try {
      const { code, stdout } = await manage(['check'], { engine })
      expect(code).toBe(1)
      expect(stdout).toContain('database.E003: Not held by row-level security: fastvue_app')
    } finally {
      await rowsOf(engine, 'drop table held_by_nobody')
    }
  })

  test('with --deploy finds demo passwords that still work', async ({ engine }) => {
    await rowsOf(engine, 'delete from users')
    await manage(['load-data'], { engine })
    await rowsOf(engine, `update users set is_active = false where username = 'demo'`)
    const { code, stdout } = await manage(['check', '--deploy'], { engine, settings: production() })
    expect(code).toBe(1)
    expect(stdout).toContain(
      'security.E003: Demo passwords still work for: admin, alicejohnson, bobwilson, janesmith, johndoe',
    )
    expect(stdout).not.toContain('demo-admin-2026')
    expect(await manage(['check'], { engine, settings: production() })).toMatchObject({ code: 0 })
  })

  test('--fail-level decides which level is a failure', async ({ engine }) => {
    const settings = production({ LOG_LEVEL: 'DEBUG' })
    expect(await manage(['check', '--fail-level', 'WARNING'], { engine, settings })).toMatchObject({ code: 1 })
    expect(await manage(['check', '--fail-level', 'ERROR'], { engine, settings })).toMatchObject({ code: 0 })
    expect(await manage(['check', '--fail-level', 'LOUD'], { engine, settings })).toMatchObject({ code: 2 })
  })
})

describe('docs/checks.md', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/checks.md'), 'utf8')
  const rows = text
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .flatMap(([, id = '', about, when]) => (id.startsWith('`') ? [{ id: id.slice(1, -1), about, when }] : []))

  test('lists the checks that there are, and no others', () => {
    const documented = rows.map(({ id, about, when }) => ({ id, about, deploy: when !== '' }))
    expect(documented).toEqual(CHECKS.map(({ id, about, deploy = false }) => ({ id, about, deploy })))
  })

  test('each id is its own and says its level', () => {
    expect(new Set(CHECKS.map(({ id }) => id)).size).toBe(CHECKS.length)
    for (const check of CHECKS) expect(levelOf(check)).toBe(check.id.includes('.E') ? 'ERROR' : 'WARNING')
  })
})

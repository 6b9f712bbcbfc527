import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CHECKS } from '../../app/services/checks/index.ts'
import { levelOf } from '../../app/services/checks/check.ts'
import { GOOD_KEY, goodProduction } from '../support/check-cases/case.ts'
import { manage } from '../support/command-line.ts'
import { describe, expect, test } from '../support/fixtures.ts'
import { rowsOf } from '../support/migrations.ts'

// A machine's own business: the tests may run as root, and their server's user makes databases.
const HERE = { SILENCED_CHECKS: 'runtime.W001,database.W005,users.W002,mail.E001' }
const production = (env: NodeJS.ProcessEnv = {}) => goodProduction({ ...HERE, ...env })
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

  test('names what it finds, with its level and what to do, and what was silenced', async ({ engine }) => {
    await rowsOf(engine, `update fastvue_migrations set name = '0001_lost' where name = '0001_initial'`)
    const { code, stdout } = await manage(['check'], { engine, settings: production() })
    expect(code).toBe(1)
    expect(stdout).toMatch(
      new RegExp(
        '^ERROR database.E002: Not applied: 0001_initial\n  Run ./manage migrate\n' +
          'WARNING database.W001: Applied, but not in migrations/: 0001_lost\n  Bring .*\n' +
          '\\d+ checks, 2 found; silenced: runtime.W001, database.W005, users.W002, mail.E001\n$',
      ),
    )
  })

  test('judges as production with --deploy alone, and looks for more', async ({ engine }) => {
    const settings = { ...production({ SECRET_KEY: 'b'.repeat(40) }), ENVIRONMENT: 'development' as const }
    expect(ids((await manage(['check', '--json'], { engine, settings })).stdout)).toEqual([])
    const { code, stdout } = await manage(['check', '--deploy', '--json'], { engine, settings })
    expect({ code, findings: ids(stdout) }).toEqual({ code: 1, findings: ['security.E001', 'security.W003'] })
  })

  test('finds an unreachable database, and still checks the rest', async () => {
    const settings = production({ DATABASE_URL: 'postgres://root:hunter2@127.0.0.1:1/none', LOG_LEVEL: 'DEBUG' })
    const { code, stdout, stderr } = await manage(['check', '--json'], { settings })
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(ids(stdout)).toEqual(['database.E001', 'security.W002'])
    expect(stdout).not.toContain('hunter2')
  })

  test('--fail-level decides which level is a failure', async ({ engine }) => {
    const settings = production({ LOG_LEVEL: 'DEBUG' })
    expect(await manage(['check', '--fail-level', 'WARNING'], { engine, settings })).toMatchObject({ code: 1 })
    expect(await manage(['check', '--fail-level', 'ERROR'], { engine, settings })).toMatchObject({ code: 0 })
    expect(await manage(['check', '--fail-level', 'LOUD'], { engine, settings })).toMatchObject({ code: 2 })
    expect(await manage(['check', '--fail-level', 'warn'], { engine, settings })).toMatchObject({ code: 1 })
    expect(await manage(['check', '--fail-level', ''], { engine, settings })).toMatchObject({ code: 2 })
  })

  test('--only looks at some areas', async ({ engine }) => {
    const settings = production({ LOG_LEVEL: 'DEBUG', SMTP_URL: '' })
    const only = async (...areas: string[]) =>
      ids((await manage(['check', '--json', '--only', ...areas], { engine, settings })).stdout)
    expect(await only('mail')).toEqual(['mail.W001'])
    expect(await only('users', 'security')).toEqual(['security.W002'])
  })

  test('leaves out what SILENCED_CHECKS names, and refuses a name that no check has', async ({ engine }) => {
    const silenced = (more: string) =>
      production({ SMTP_URL: '', SECRET_KEY: 'a'.repeat(32), SILENCED_CHECKS: `${HERE.SILENCED_CHECKS},${more}` })
    const one = await manage(['check', '--json'], { engine, settings: silenced('mail.W001') })
    expect({ code: one.code, findings: ids(one.stdout) }).toEqual({ code: 1, findings: ['security.E001'] })
    const both = await manage(['check', '--json'], { engine, settings: silenced('mail.W001, security.E001') })
    expect({ code: both.code, findings: ids(both.stdout) }).toEqual({ code: 0, findings: [] })
    expect(await manage(['check'], { engine, settings: silenced('mail.W01,mail.w002') })).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'Error: SILENCED_CHECKS: there is no check mail.W01 (./manage check --list)\n' +
        'Error: SILENCED_CHECKS: there is no check mail.w002 (./manage check --list)\n',
    })
  })

  test('--list shows every check, and runs none', async () => {
    const settings = production({ DATABASE_URL: 'postgres://127.0.0.1:1/none' })
    const { code, stdout } = await manage(['check', '--list'], { settings })
    expect({ code, lines: stdout.trimEnd().split('\n').length }).toEqual({ code: 0, lines: CHECKS.length })
    expect(stdout).toContain(
      'users.W002       A superuser’s password alone is enough to log in (with --deploy, silenced)\n',
    )
    const listed = JSON.parse((await manage(['check', '--list', '--json', '--only', 'roles'], { settings })).stdout)
    expect(listed).toEqual([expect.objectContaining({ id: 'roles.W001', level: 'WARNING', silenced: false })])
  })

  test('takes the names of settings from the environment it was called in', async ({ engine }) => {
    const { stdout } = await manage(['check', '--json'], { engine, env: { DATABSE_URL: GOOD_KEY } })
    expect(ids(stdout)).toEqual(['settings.W001'])
    expect(stdout).not.toContain(GOOD_KEY)
  })
})

describe('docs/checks.md', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/checks.md'), 'utf8')
  const rows = text
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .flatMap(([, id = '', about, when]) => (id.startsWith('`') ? [{ id: id.slice(1, -1), about, when }] : []))
  const NOTES = { told: '_told_', 'left out': '_not at start_' }

  test('lists the checks that there are, and no others', () => {
    const expected = CHECKS.map(({ id, about, deploy, start }) => {
      return { id, about, when: deploy ? '_deploy_' : start ? NOTES[start] : '' }
    })
    expect(rows).toEqual(expected)
  })

  test('each id is its own and says its level', () => {
    expect(new Set(CHECKS.map(({ id }) => id)).size).toBe(CHECKS.length)
    for (const check of CHECKS) expect(levelOf(check)).toBe(check.id.includes('.E') ? 'ERROR' : 'WARNING')
  })
})

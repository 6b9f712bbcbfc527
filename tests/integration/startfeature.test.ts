import { execFile } from 'node:child_process'
import { cpSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startfeature } from '../../app/management/startfeature.ts'
import { copyProject } from '../support/project-copy.ts'
import { EMBEDDED } from '../support/server-databases.ts'
import { SPECIMEN } from '../support/startfeature/specimen.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { treeOf } from '../support/tree.ts'

const run = promisify(execFile)
const [, , ...EXAMPLE] = startfeature.example.split(' ')
/** The last has a field of every type; two have no more than one thing. */
const FEATURES = [EXAMPLE, ['SalesOrder', 'lines:json'], ['Watcher', 'user_id:ref:users'], ['Specimen', ...SPECIMEN]]

describe('what startfeature writes into a copy of the project, untouched', () => {
  const folder = temporaryFolder()
  const project = join(folder.path, 'project')
  const bin = (name: string) => join(project, 'node_modules/.bin', name)
  // Nothing of the run that this test is part of; a database that is not there, since none is needed.
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST'))
  const env = { ...Object.fromEntries(own), ENVIRONMENT: 'test', DATABASE_URL: 'postgres://127.0.0.1:1/none' }
  const manage = (...args: string[]) =>
    run(process.execPath, [join(project, 'manage.ts'), ...args], { cwd: folder.path, env })
  const inProject = (command: string, ...args: string[]) => run(bin(command), args, { cwd: project, env })
  let checks: Record<string, Promise<{ stdout: string }>>

  beforeAll(async () => {
    await copyProject(project)
    const written: string[] = []
    for (const feature of FEATURES) {
      const { stdout } = await manage('startfeature', ...feature, '--json')
      written.push(...JSON.parse(stdout).created)
    }
    const [support, code] = [
      join(project, 'tests/support/startfeature'),
      written.filter((file) => file.endsWith('.ts')),
    ]
    cpSync(join(support, 'specimens.ts'), join(support, 'specimens.test.ts'))
    const isolation = ['routes', 'walls', 'two-worlds'].map((name) => `tests/integration/isolation/${name}.test.ts`)
    const tests = [...code.filter((file) => file.endsWith('.test.ts')), 'tests/support', ...isolation]
    checks = {
      ...(EMBEDDED && {
        types: inProject('tsc', '-p', '.'),
        lint: inProject('oxlint', '--deny-warnings', ...code),
        format: inProject('oxfmt', '--check', '.'),
      }),
      tests: inProject('vitest', 'run', ...tests, '--maxWorkers=1'),
    }
    await Promise.allSettled(Object.values(checks))
  }, 300_000)

  afterAll(() => folder.remove())

  test.runIf(EMBEDDED)('passes the type check', () => checks['types'])
  test.runIf(EMBEDDED)('passes the linter', () => checks['lint'])
  test.runIf(EMBEDDED)('passes the formatter, documents included', () => checks['format'])
  test('passes its own tests, those of every type of field, and those of isolation', async () => {
    const checked = await checks['tests']
    expect(checked?.stdout).toMatch(/Test Files .*8 passed/)
  })

  test.runIf(EMBEDDED)('has the migration that makemigrations would write, to the byte', async () => {
    const migrations = join(project, 'migrations')
    const [name = ''] = readdirSync(migrations).toSorted().toReversed()
    const written = treeOf(join(migrations, name))
    rmSync(join(migrations, name), { recursive: true })
    await manage('makemigrations', '--name', 'add specimens')
    expect(treeOf(join(migrations, name))).toEqual(written)
    expect(Object.keys(written)).toEqual(['down.sql', 'snapshot.json', 'up.sql'])
  })
})

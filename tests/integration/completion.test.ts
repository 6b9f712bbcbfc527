import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { loadSettings } from '../../app/core/config.ts'
import { openEmbedded } from '../../app/db/embedded.ts'
import { COMMANDS } from '../../app/management/index.ts'
import { valuesFrom } from '../../app/management/completion/values.ts'
import { companies, users } from '../../app/models/index.ts'
import { manage } from '../support/command-line.ts'
import { describe, expect, test as base } from '../support/fixtures.ts'
import { HARMFUL } from '../support/harmful-names.ts'
import { ENGINES } from '../support/migrations.ts'
import { copyProject } from '../support/project-copy.ts'
import { Running, serverFolder } from '../support/running.ts'
import { testSettings } from '../support/settings.ts'
import { EMBEDDED } from '../support/server-databases.ts'
import { copyBaselineFolder } from '../support/temporary-folder.ts'

const root = resolve(import.meta.dirname, '../..')
const NOTHING = { code: 0, stdout: 'values\n', stderr: '' }

const test = base
  // The values after these words, without what they are.
  .extend('tab', ({ engine }) => async (...words: string[]) => {
    const { code, stdout, stderr } = await manage(['complete', '--', ...words], { engine })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const [kind, ...lines] = stdout.trimEnd().split('\n')
    return kind === 'values' ? lines.map((line) => line.split('\t')[0]) : kind
  })

describe('Tab', () => {
  test.for([
    [['showu'], ['showusers']],
    [['SHOWU'], ['showusers']],
    [['help', 'showu'], ['showusers']],
    [['--ver'], ['--version']],
    [['nothing-like-it'], []],
    [['nothing-like-it', ''], []],
    [['help', 'showusers', ''], []],
    [['changepassword', 'm'], ['manager']],
    [['changepassword', 'M'], ['manager']],
    [['changepassword', '"m'], ['manager']],
    [['changepassword', '-p', 'secret', 'm'], ['manager']],
    [['changepassword', '-p', 'm'], []],
    [['changepassword', '--password-stdin', 'm'], ['manager']],
    [['changepassword', '--', 'm'], ['manager']],
    [['changepassword', '--', '--'], []],
    [['changepassword', '%'], []],
    [['changepassword', '_'], []],
    [['changepassword', "' or true --"], []],
    [['changepassword', 'manager', 'm'], []],
    [['promoteuser', 'st'], ['stranger']],
    [['demoteuser', 'su'], ['superuser']],
    [
      ['changepassword', '--pass'],
      ['--password', '--password-stdin'],
    ],
    [
      ['changepassword', 'manager', ''],
      ['--password', '-p', '--password-stdin', '--json', '--help', '-h'],
    ],
    [['check', '--fail-level', 'C'], ['CRITICAL']],
    [['check', '--fail-level', 'c'], ['CRITICAL']],
    [['check', '--fail-level=W'], ['--fail-level=WARNING']],
    [['check', '--nothing=W'], []],
    [['check', '--deploy=W'], []],
    [
      ['routes', '--method', 'P'],
      ['POST', 'PUT', 'PATCH'],
    ],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['sqlmigrate', '0001'], ['0001_initial']],
    [['migrate', '--plan', '0001'], ['0001_initial']],
    [['load-data', '--file', ''], 'files'],
    [['load-data', '--file=da'], 'files'],
    [['openapi', '--output', 'x'], 'files'],
    [['createsuperuser', '-u', ''], []],
  ] as [string[], string[] | string][])('after %j offers %j', async ([words, values], { tab }) => {
    expect(await tab(...words)).toEqual(values)
  })

  test('offers every command, and does not know itself', async ({ tab }) => {
    const values = await tab('')
    expect(values).toEqual([...COMMANDS.map(({ name }) => name), 'help', '--version', '-V', '--help', '-h'])
    expect((await manage(['--help'])).stdout).not.toMatch(/^ +complete /m)
  })

  test('says what each is', async () => {
    const { stdout } = await manage(['complete', '--', 'showu'])
    expect(stdout).toBe('values\nshowusers\tList users\n')
    const flags = await manage(['complete', '--', 'showusers', '--super'])
    expect(flags.stdout).toBe('values\n--superusers\tsuperusers only\n')
  })

  test('knows the codes of companies, for commands that take one', async ({ engine, settings, trusted }) => {
    await trusted(({ db }) => db.insert(companies).values({ name: 'Acme', code: 'ACME' }))
    const valuesOf = valuesFrom(settings, engine)
    expect(await valuesOf('companies', 'ac')).toEqual(['ACME'])
    expect(await valuesOf('companies', '')).toEqual(['ACME', 'OTHER', 'TEST'])
  })

  test.runIf(EMBEDDED)(
    'asks an embedded database that nobody has open, and leaves it to the next',
    async ({ folder }) => {
      const database = join(folder, 'db')
      copyBaselineFolder(database)
      const valuesOf = valuesFrom(testSettings({ DATABASE_URL: `file:${database}` }))
      expect(await valuesOf('users', 'm')).toEqual(['manager'])
      const engine = await openEmbedded(database)
      expect(await valuesOf('users', 'v')).toEqual(['viewer']) // through the socket
      await engine.close()
    },
  )

  test('offers nobody who is deleted, nor who does not own their name', async ({ tab, trusted }) => {
    const person = { password_hash: '', username: 'manager-2', email: 'manager-2@example.com' }
    await trusted(({ db }) => db.insert(users).values({ ...person, is_deleted: true }))
    await trusted(({ db }) => db.insert(users).values({ ...person, owns_email: false, owns_username: false }))
    expect(await tab('changepassword', 'm')).toEqual(['manager'])
  })

  test('offers no name that a shell could run or misread', async ({ tab, trusted }) => {
    const named = (username: string, n: number) => ({ username, email: `${n}@example.com`, password_hash: '' })
    await trusted(({ db }) => db.insert(users).values(['evil-ok', ...HARMFUL].map(named)))
    expect(await tab('changepassword', 'evil')).toEqual(['evil-ok'])
    expect(await tab('changepassword', '')).toHaveLength(7)
    expect(await tab('changepassword', '--', '-')).toEqual([])
  })

  test('of a command with a completion names an argument or a flag of it', () => {
    for (const { name, configure, completions = {} } of COMMANDS) {
      const parser = new Command(name)
      configure?.(parser)
      const known = [...parser.registeredArguments.map((one) => one.name()), ...parser.options.map(({ long }) => long)]
      expect(known).toEqual(expect.arrayContaining(Object.keys(completions)))
    }
  })
})

describe('Tab is silent', () => {
  test.for(ENGINES)('on a database with nothing in it (%s)', async ([, open]) => {
    const { engine, close } = await open()
    expect(await manage(['complete', '--', 'changepassword', ''], { engine })).toEqual(NOTHING)
    await close()
  })

  test('with broken settings, and still offers what needs none', async () => {
    const settings = () => loadSettings({ PORT: 'many' }, '/no/such/folder')
    expect(await manage(['complete', '--', 'changepassword', ''], { settings })).toEqual(NOTHING)
    const { stdout } = await manage(['complete', '--', 'showu'], { settings })
    expect(stdout).toBe('values\nshowusers\tList users\n')
  })

  test.for([['postgres://nobody@127.0.0.1:1/none'], ['memory:'], ['file:/no/such/folder'], ['file:package.json']])(
    'where %s is no database',
    async ([DATABASE_URL]) => {
      const settings = testSettings({ DATABASE_URL })
      expect(await manage(['complete', '--', 'changepassword', ''], { settings })).toEqual(NOTHING)
    },
  )

  test('whatever it is called with', async ({ folder }) => {
    for (const words of [[], ['--'], ['--', '--'], ['--', '-'], ['--', ''], ['--', '\0', '\n'], ['--json']])
      expect(await manage(['complete', ...words])).toMatchObject({ code: 0, stderr: '' })
    mkdirSync(join(folder, 'migrations', 'stray'), { recursive: true })
    const settings = { ...testSettings(), directory: folder }
    expect(await manage(['complete', '--', 'sqlmigrate', ''], { settings })).toEqual(NOTHING)
  })

  test.runIf(EMBEDDED)('when the database does not answer, and does not wait for long', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    using place = serverFolder()
    const env = { ...place.env, DATABASE_URL: `postgres://nobody@127.0.0.1:${port}/none` }
    await using tab = new Running(['manage.ts', 'complete', '--', 'changepassword', ''], { env })
    await once(server, 'connection')
    const asked = performance.now()
    expect([await tab.ended(), tab.output]).toEqual([0, 'values\n'])
    expect(performance.now() - asked).toBeLessThan(8000) // the driver would wait for ten seconds
    server.close()
  })

  test.runIf(EMBEDDED)('and makes nothing: no folder, no secret, no database', async ({ folder }) => {
    await copyProject(folder)
    for (const words of [[''], ['changepassword', ''], ['sqlmigrate', '']]) {
      const { status, stderr } = spawnSync('./manage', ['complete', '--', ...words], {
        cwd: folder,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'] },
      })
      expect({ status, stderr, made: existsSync(join(folder, 'var')) }).toEqual({ status: 0, stderr: '', made: false })
    }
    mkdirSync(join(folder, 'var'))
    spawnSync('./manage', ['complete', '--', 'changepassword', ''], { cwd: folder, env: { PATH: process.env['PATH'] } })
    expect(readdirSync(join(folder, 'var'))).toEqual(['cache'])
  })
})

test.runIf(EMBEDDED)('Tab waits for no web framework', () => {
  const hook = `import { registerHooks } from 'node:module'
    registerHooks({ load: (url, context, next) => (process.stderr.write(url + '\\n'), next(url, context)) })`
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(hook)}`, 'manage.ts', 'complete', '--', ''],
    { cwd: root, encoding: 'utf8' },
  )
  expect(status).toBe(0)
  expect(stderr).toMatch(/app\/management\/complete\.ts$/m)
  expect(stderr.match(/.*(node_modules\/(@?fastify|pino)|app\/(api|app\.ts)).*/g)).toBeNull()
})

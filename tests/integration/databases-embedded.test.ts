import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test as base, vi } from 'vitest'
import { openEmbedded } from '../../app/db/embedded.ts'
import { FolderInUse, lockFolder } from '../../app/db/folder-lock.ts'
import { manage } from '../support/command-line.ts'
import { MIGRATIONS, TestProject, rowsOf } from '../support/migrations.ts'
import { Running, serverFolder } from '../support/running.ts'
import { EMBEDDED } from '../support/server-databases.ts'
import { testSettings } from '../support/settings.ts'
import { copyBaselineFolder, temporaryFolder } from '../support/temporary-folder.ts'
import { Visitor } from '../support/visitor.ts'

interface Place {
  /** The folder with everything of the test in it. */
  parent: string
  /** The database's. */
  folder: string
  run: (argv: string[], given?: { answers?: [string, string][]; environment?: string }) => ReturnType<typeof manage>
}

const test = base
  .extend<'place', Place>('place', ({}, { onCleanup }) => {
    const { path: parent, remove } = temporaryFolder()
    onCleanup(remove)
    const folder = join(parent, 'db')
    const run: Place['run'] = (argv, { answers, environment = 'test' } = {}) =>
      manage(argv, { answers, settings: testSettings({ ENVIRONMENT: environment, DATABASE_URL: `file:${folder}` }) })
    return { parent, folder, run }
  })
  // Another process that has a database open in the place's folder.
  .extend('owner', async ({ place: { folder } }, { onCleanup }) => {
    copyBaselineFolder(folder)
    const owner = await Visitor.start('own', folder)
    onCleanup(() => owner.close())
    return owner
  })

const isDatabase = (folder: string) => existsSync(join(folder, 'data', 'PG_VERSION'))

async function tables(folder: string): Promise<number> {
  const engine = await openEmbedded(folder)
  const [row] = await rowsOf(engine, `select count(*) as n from pg_tables where schemaname = 'public'`)
  await engine.close()
  return Number(row?.['n'])
}

const failed = (line: string | RegExp) => ({
  code: 1,
  stdout: '',
  stderr: typeof line === 'string' ? `Error: ${line}\n` : expect.stringMatching(line),
})

describe.runIf(EMBEDDED)('createdb on the embedded database', () => {
  test("makes its folder with an empty database, and one beside it by name, as the guide's lines do", async ({
    place: { parent, folder, run },
  }) => {
    const line = (name: string, what: string) => `${what} (owner postgres, encoding UTF8, at ${join(parent, name)})\n`
    const guide = ['createdb', '--name', 'mydb', '--owner', 'postgres', '--encoding', 'UTF8']
    expect(await run(['createdb'])).toEqual({ code: 0, stdout: line('db', 'Created database "db"'), stderr: '' })
    expect(await run(guide)).toMatchObject({ code: 0, stdout: line('mydb', 'Created database "mydb"') })
    expect(await tables(folder)).toBe(0)
    expect(await run(guide)).toMatchObject({ code: 0, stdout: line('mydb', 'Database "mydb" exists already') })
  })

  test('leaves a database that is there, and that another process has open, as it is', async ({
    place: { run },
    owner: _,
  }) => {
    expect(await run(['createdb'])).toMatchObject({ code: 0, stdout: expect.stringContaining('exists already') })
  })

  test.for([
    [['--owner', 'anna'], 'An embedded database has one owner, postgres'],
    [['--encoding', 'LATIN1'], 'An embedded database has one encoding, UTF8'],
    [['--template', 'template0'], 'An embedded database is made without a template'],
    [['--name', '../elsewhere'], '"../elsewhere" is no name of a folder beside the embedded database'],
    [['--name', '..'], '".." is no name of a folder beside the embedded database'],
    [['--name', String.raw`a\b`], String.raw`"a\b" is no name of a folder beside the embedded database`],
    [['--name', ''], "The database's name is empty"],
    [['--name', 'a\0b'], "The database's name has a NUL character in it"],
    [['--name', 'ü'.repeat(32)], "The database's name has 64 bytes: PostgreSQL keeps 63, and would cut it off"],
  ] as const)('refuses %j', async ([flags, line], { place: { parent, run } }) => {
    expect(await run(['createdb', ...flags])).toEqual(failed(line))
    expect(readdirSync(parent)).toEqual([])
  })

  test("refuses a folder with somebody else's files, and a path where none can be", async ({
    place: { parent, folder, run },
  }) => {
    mkdirSync(folder)
    writeFileSync(join(folder, 'letter.txt'), '')
    expect(await run(['createdb'])).toEqual(failed(`${folder} is no place for a database: it has letter.txt in it`))
    writeFileSync(join(parent, 'file'), '')
    expect(await run(['createdb', '--name', 'file'])).toEqual(failed(/^Error: ENOTDIR.*\n$/))
    expect(readdirSync(folder)).toEqual(['letter.txt'])
  })
})

describe.runIf(EMBEDDED)('dropdb on the embedded database', () => {
  test('removes what is its own, and nothing else', async ({ place: { folder, run } }) => {
    copyBaselineFolder(folder)
    writeFileSync(join(folder, 'letter.txt'), 'Dear Anna')
    writeFileSync(join(folder, '.s.PGSQL.5432'), '')
    expect(await run(['dropdb', '--force'])).toEqual({
      code: 0,
      stdout: `Dropped database "db" at ${folder}\n`,
      stderr: '',
    })
    expect(readdirSync(folder)).toEqual(['letter.txt', 'lock'])
    expect(readFileSync(join(folder, 'letter.txt'), 'utf8')).toBe('Dear Anna')
  })

  test('finds nothing the second time, and says so', async ({ place: { parent, folder, run } }) => {
    copyBaselineFolder(folder)
    await run(['dropdb', '--force'])
    const notice = { code: 0, stdout: `There is no database "db" at ${folder}\n`, stderr: '' }
    expect(await run(['dropdb', '--force'])).toEqual(notice)
    expect(await run(['dropdb'])).toEqual(notice)
    rmSync(folder, { recursive: true })
    expect(await run(['dropdb'])).toEqual(notice)
    expect(readdirSync(parent)).toEqual([])
  })

  test('drops another one by its name, and asks for that', async ({ place: { parent, folder, run } }) => {
    copyBaselineFolder(folder)
    copyBaselineFolder(join(parent, 'other'))
    const answers: [string, string][] = [["database's name (other)", 'other']]
    expect(await run(['dropdb', '--name', 'other'], { answers })).toMatchObject({ code: 0 })
    expect([isDatabase(folder), isDatabase(join(parent, 'other'))]).toEqual([true, false])
  })

  test.for([
    ['a wrong name', 'postgres', 1, 'That is not its name; nothing was changed'],
    ['Ctrl-C', '\x03', 130, 'Cancelled'],
  ] as const)('changes nothing after %s', async ([, answer, code, line], { place: { folder, run } }) => {
    copyBaselineFolder(folder)
    const result = await run(['dropdb'], { answers: [["database's name (db)", answer]] })
    expect(result).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(line) })
    expect(isDatabase(folder)).toBe(true)
  })

  test.for([
    ['without a terminal', 'test', [], 'There is no terminal to ask on: give --force'],
    ['in production', 'production', ['--force'], 'This is production: dropdb needs --i-know-this-is-production'],
  ] as const)('needs more %s', async ([, environment, flags, line], { place: { folder, run } }) => {
    copyBaselineFolder(folder)
    const { code, stderr } = await run(['dropdb', ...flags], { environment })
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(line) })
    expect(isDatabase(folder)).toBe(true)
    const all = ['dropdb', '--force', '--i-know-this-is-production']
    expect(await run(all, { environment })).toMatchObject({ code: 0 })
    expect(isDatabase(folder)).toBe(false)
  })

  test('refuses while another process has it open, naming that one, before it asks', async ({
    place: { folder, run },
    owner,
  }) => {
    const line = `The embedded database ${folder} is in use by process ${owner.pid}; stop that process first`
    for (const command of ['dropdb', 'resetdb']) expect(await run([command])).toEqual(failed(line))
    expect(await owner.do({ begin: 1, sql: 'select 1 as one', end: 'commit' })).toEqual([{ one: 1 }])
  })

  test.for<[string, string, (place: Place) => void]>([
    [
      'a folder that is a link',
      'is a symbolic link; name the folder that it leads to',
      ({ parent, folder }) => {
        renameSync(folder, join(parent, 'real'))
        symlinkSync(join(parent, 'real'), folder)
      },
    ],
    [
      'data that is a link',
      'data is a symbolic link; name the folder that it leads to',
      ({ parent, folder }) => {
        renameSync(join(folder, 'data'), join(parent, 'real'))
        symlinkSync(join(parent, 'real'), join(folder, 'data'))
      },
    ],
    ['what FastVue never opened', 'it has no lock', ({ folder }) => rmSync(join(folder, 'lock'))],
    [
      'the data of a server',
      'data/postmaster.opts is not of an embedded database',
      ({ folder }) => writeFileSync(join(folder, 'data', 'postmaster.opts'), ''),
    ],
    [
      'the data of a server that runs',
      'data is in use by a PostgreSQL server',
      ({ folder }) => writeFileSync(join(folder, 'data', 'postmaster.pid'), '4711\n/data\n'),
    ],
    [
      "somebody's files among the data",
      'data/letter.txt is not of an embedded database',
      ({ folder }) => writeFileSync(join(folder, 'data', 'letter.txt'), ''),
    ],
  ])('does not remove %s', async ([, line, change], { place }) => {
    copyBaselineFolder(place.folder)
    change(place)
    for (const command of ['dropdb', 'resetdb']) {
      const { code, stdout, stderr } = await place.run([command, '--force'])
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toContain(line)
      expect(stderr.trim().split('\n')).toHaveLength(1)
    }
    expect(isDatabase(place.folder)).toBe(true)
  })

  test('removes what a killed process has left behind', async ({ place: { folder, run } }) => {
    copyBaselineFolder(folder)
    const owner = await Visitor.start('own', folder)
    await owner.kill()
    expect(existsSync(join(folder, 'data', 'postmaster.pid'))).toBe(true)
    expect(await run(['dropdb', '--force'])).toMatchObject({ code: 0, stderr: '' })
    expect(readdirSync(folder)).toEqual(['lock'])
  })

  test('follows no link that is among the data', async ({ place: { parent, folder, run } }) => {
    copyBaselineFolder(folder)
    mkdirSync(join(parent, 'precious'))
    writeFileSync(join(parent, 'precious', 'letter.txt'), '')
    symlinkSync(join(parent, 'precious'), join(folder, 'data', 'pg_tblspc', '1'))
    expect(await run(['dropdb', '--force'])).toMatchObject({ code: 0 })
    expect(readdirSync(join(parent, 'precious'))).toEqual(['letter.txt'])
  })

  test('holds the lock while it removes, and what is left when it is killed can be dropped', async () => {
    using place = serverFolder()
    copyBaselineFolder(place.database)
    const data = join(place.database, 'data')
    const many = join(data, 'base', 'many')
    mkdirSync(many)
    for (let n = 0; n < 5000; n++) writeFileSync(join(many, String(n)), '')
    const isHalf = () => !existsSync(many) || readdirSync(many).length < 5000
    const look = () => {
      try {
        lockFolder(place.database).release()
        return existsSync(data) ? 'half of it is open to all' : 'gone'
      } catch (error) {
        return error instanceof FolderInUse ? 'locked' : error
      }
    }

    await using drop = new Running(['manage.ts', 'dropdb', '--force'], { env: place.env })
    await vi.waitUntil(isHalf, { timeout: 60_000, interval: 1 })
    expect(['locked', 'gone']).toContain(look())
    drop.signal('SIGKILL')
    await drop.ended()
    const settings = testSettings({ DATABASE_URL: place.env.DATABASE_URL })
    expect(await manage(['dropdb', '--force'], { settings })).toMatchObject({ code: 0, stderr: '' })
    expect(existsSync(data)).toBe(false)
  })
})

describe.runIf(EMBEDDED)('resetdb on the embedded database', () => {
  test('drops, creates, migrates, fills, and loads the sample data, telling each step', async ({
    place: { folder, run },
  }) => {
    copyBaselineFolder(folder)
    const { code, stdout } = await run(['resetdb', '--force', '--sample-data'])
    expect(code).toBe(0)
    const steps = [...stdout.matchAll(/^ {2}(.+?) +\d+ ms$/gm)].map(([, step]) => step)
    expect(steps).toEqual([
      'Dropped "db"',
      `Created "db" at ${folder}`,
      expect.stringMatching(/^Migrated: (\d+) of \1 migrations$/),
      'Permissions, system roles and default company in place',
      'Sample data loaded',
    ])
    const engine = await openEmbedded(folder)
    expect(await rowsOf(engine, 'select code from companies order by id limit 2')).toEqual([
      { code: 'DEFAULT' },
      { code: 'ACME' },
    ])
    await engine.close()
  })

  test('makes what is not there, without a question', async ({ place: { folder, run } }) => {
    const { code, stdout } = await run(['resetdb'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^ {2}There was no "db" /) })
    expect(await tables(folder)).toBeGreaterThan(10)
  })

  test('drops nothing when what it needs afterwards is broken', async ({ place: { folder, parent } }) => {
    copyBaselineFolder(folder)
    const settings = { ...testSettings({ DATABASE_URL: `file:${folder}` }), directory: parent }
    const reset = () => manage(['resetdb', '--force', '--sample-data'], { settings })
    symlinkSync(MIGRATIONS, join(parent, 'migrations'))
    expect(await reset()).toEqual(failed(`${join(parent, 'data/demo.json')}: no such file`))
    mkdirSync(join(parent, 'data'))
    writeFileSync(join(parent, 'data/demo.json'), '{"users": [{}]}')
    expect(await reset()).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('users[0]') })
    expect(await tables(folder)).toBeGreaterThan(10)
  })

  test('stops at the first step that fails, and says where the database is then', async ({ place: { folder } }) => {
    copyBaselineFolder(folder)
    using project = new TestProject({ name: '0100_broken', up: 'SELECT 1/0;' })
    const settings = { ...testSettings({ DATABASE_URL: `file:${folder}` }), directory: project.directory }
    const { code, stdout, stderr } = await manage(['resetdb', '--force'], { settings })
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringMatching(/Created.*\n$/) })
    expect(stderr).toBe(
      'Warning: The database is there, but not fully migrated: ./manage migrate and ./manage initdb go on\n' +
        'Error: Migration 0100_broken failed and nothing of it was kept: up.sql: division by zero\n',
    )
  })

  test.for([
    ['Dropped', [['resetdb', '--force']]],
    ['Created', [['migrate'], ['initdb']]],
  ] as const)(
    'interrupted after "%s", it says what to do, and that mends it',
    { timeout: 240_000 },
    async ([said, mend], { onTestFinished }) => {
      const place = serverFolder()
      onTestFinished(() => place[Symbol.dispose]())
      copyBaselineFolder(place.database)
      await using reset = new Running(['manage.ts', 'resetdb', '--force', '--sample-data'], { env: place.env })
      await reset.said(new RegExp(said))
      reset.signal('SIGINT')
      expect(await reset.ended()).toBe(130)
      expect(reset.output).toMatch(
        new RegExp(`\\nWarning: The database is .*\\./manage ${mend[0][0]} .*\\nCancelled\\n$`),
      )

      const settings = testSettings({ DATABASE_URL: place.env.DATABASE_URL })
      for (const argv of mend) expect(await manage([...argv], { settings })).toMatchObject({ code: 0, stderr: '' })
      expect(await manage(['showmigrations'], { settings })).toMatchObject({
        stdout: expect.not.stringContaining('[ ]'),
      })
    },
  )
})

test.for(['createdb', 'dropdb', 'resetdb'])('%s makes no sense in memory, and says so', async (command) => {
  expect(await manage([command])).toEqual(
    failed(
      'A database in memory (DATABASE_URL=memory:) begins and ends with each process: there is none to create, drop or reset',
    ),
  )
})

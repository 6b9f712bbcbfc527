import { join } from 'node:path'
import pg from 'pg'
import { test as base, describe, expect } from 'vitest'
import { openServer } from '../../app/db/server.ts'
import { closedDatabase } from '../support/closed-database.ts'
import { manage } from '../support/command-line.ts'
import { TestProject, rowsOf } from '../support/migrations.ts'
import { refusingServer } from '../support/refusing-server.ts'
import { Running, serverFolder } from '../support/running.ts'
import { serverCopy } from '../support/server-copy.ts'
import { SERVER_URL, databaseName, maintain, urlOf } from '../support/server-databases.ts'
import { testSettings } from '../support/settings.ts'

const quoted = pg.escapeIdentifier
const drop = (name: string) => maintain(`DROP DATABASE IF EXISTS ${quoted(name)} WITH (FORCE)`)
const exists = async (name: string) =>
  (await maintain(`SELECT 1 FROM pg_database WHERE datname = ${pg.escapeLiteral(name)}`)).length > 0
const onServer = (
  argv: string[],
  url: string,
  { answers, environment = 'test' }: { answers?: [string, string][]; environment?: string } = {},
) => manage(argv, { answers, settings: testSettings({ DATABASE_URL: url, ENVIRONMENT: environment }) })

async function run(url: string, ...statements: string[]): Promise<void> {
  const engine = openServer({ url, poolSize: 1 })
  for (const statement of statements) await rowsOf(engine, statement)
  await engine.close()
}

let made = 0
const test = base
  // A name that is free, whatever becomes of it.
  .extend('newName', async ({}, { onCleanup }) => {
    const name = `${databaseName('whole')}_${(made += 1)}`
    onCleanup(() => drop(name).then(() => {}))
    return name
  })
  // A database with the baseline in it.
  .extend('ours', async ({}, { onCleanup }) => {
    const copy = await serverCopy()
    onCleanup(() => copy[Symbol.asyncDispose]())
    return copy.name
  })
  // A role that may log in, and no more.
  .extend('role', async ({ newName: name }, { onCleanup }) => {
    const role = `${name}_role`
    await maintain(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`)
    onCleanup(async () => {
      await drop(name)
      await maintain(`DROP ROLE ${role}`)
    })
    const urlAs = (database: string) =>
      Object.assign(new URL(urlOf(database)), { username: role, password: 'secret' }).href
    return { role, urlAs }
  })

describe('without the server', () => {
  const COMMANDS = [['createdb'], ['dropdb', '--force'], ['resetdb', '--force']]

  base.for(COMMANDS)('%s says in one line that it cannot be reached', async (argv) => {
    expect(await onServer(argv, 'postgres://anna:hush@127.0.0.1:1/shop')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Error: Cannot connect to the database (DATABASE_URL): connect ECONNREFUSED 127.0.0.1:1\n',
    })
  })

  base.for(COMMANDS)(
    '%s says in one line that the password is wrong, and not which',
    async (argv, { onTestFinished }) => {
      const server = await refusingServer('28P01', 'password authentication failed for user "anna"')
      onTestFinished(() => void server.close())
      expect(await onServer(argv, server.url)).toEqual({
        code: 1,
        stdout: '',
        stderr:
          'Error: Cannot connect to the database (DATABASE_URL): password authentication failed for user "anna"\n',
      })
    },
  )

  base.for([
    [['--name', ''], "The database's name is empty"],
    [['--name', 'a\0b'], "The database's name has a NUL character in it"],
    [['--name', 'ü'.repeat(32)], "The database's name has 64 bytes: PostgreSQL keeps 63, and would cut it off"],
  ] as const)('%j is refused before anybody is asked', async ([flags, line]) => {
    for (const command of ['createdb', 'dropdb'])
      expect(await onServer([command, ...flags], 'postgres://127.0.0.1:1/shop')).toEqual({
        code: 1,
        stdout: '',
        stderr: `Error: ${line}\n`,
      })
  })
})

describe.runIf(SERVER_URL)('createdb', () => {
  test('makes the database of DATABASE_URL, and leaves one that is there', async ({ newName: name }) => {
    const { host, user } = new pg.Client({ connectionString: SERVER_URL })
    const facts = new RegExp(`"${name}".* \\(owner ${user}, encoding UTF8, at ${host}:\\d+\\)\n$`)
    const first = await onServer(['createdb'], urlOf(name))
    expect(first).toEqual({ code: 0, stdout: expect.stringMatching(facts), stderr: '' })
    expect(first.stdout).toMatch(/^Created database/)
    await run(urlOf(name), 'CREATE TABLE kept (id int)')
    const again = await onServer(['createdb', '--encoding', 'SQL_ASCII', '--owner', 'nobody'], urlOf(name))
    expect(again).toEqual({ code: 0, stdout: expect.stringMatching(facts), stderr: '' })
    expect(again.stdout).toMatch(/^Database .* exists already/)
    await run(urlOf(name), 'SELECT * FROM kept')
  })

  test.for([
    'it"s "quoted"',
    "o'brien",
    'two words',
    '"; drop database "postgres"; --',
    'ünïcödé 名',
    'UPPER',
    'a/b?c#d%41',
    String.raw`back\slash`,
  ])(
    'takes %s for a name and nothing else, and dropdb finds it by it',
    async (odd, { newName: plain, onTestFinished }) => {
      const name = `${plain} ${odd}`
      onTestFinished(() => drop(name).then(() => {}))
      const like = `SELECT datname FROM pg_database WHERE datname LIKE '${plain}%'`
      expect(await onServer(['createdb', '--name', name, '--json'], urlOf('postgres'))).toMatchObject({ code: 0 })
      expect(await maintain(like)).toEqual([name])
      const dropped = await onServer(['dropdb', '--name', name, '--force', '--json'], urlOf('postgres'))
      expect(JSON.parse(dropped.stdout)).toMatchObject({ name, dropped: true })
      expect(await maintain(like)).toEqual([])
    },
  )

  test('makes it for an owner, with an encoding, of a template', async ({
    newName: name,
    role: { role },
    onTestFinished,
  }) => {
    onTestFinished(() => drop(`${name}_copy`).then(() => {}))
    const url = urlOf('postgres')
    await onServer(['createdb', '--name', name, '--owner', role, '--encoding', 'SQL_ASCII'], url)
    await run(urlOf(name), 'CREATE TABLE copied (id int)')
    const copy = ['createdb', '--name', `${name}_copy`, '--template', name, '--encoding', 'SQL_ASCII', '--json']
    const { stdout } = await onServer(copy, url)
    expect(JSON.parse(stdout)).toMatchObject({ created: true, encoding: 'SQL_ASCII' })
    await run(urlOf(`${name}_copy`), 'SELECT * FROM copied')
    const owner = `SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = '${name}'`
    expect(await maintain(owner)).toEqual([role])
  })

  test.for([
    [['--owner', 'nobody"; --'], 'role "nobody"; --" does not exist'],
    [['--encoding', "klingon' --"], "klingon' -- is not a valid encoding name"],
    [['--template', 'no such'], 'template database "no such" does not exist'],
    [['--owner', ''], "The owner's name is empty"],
  ] as const)('refuses %j in one line, and makes nothing', async ([flags, line], { newName: name }) => {
    const { code, stdout, stderr } = await onServer(['createdb', ...flags], urlOf(name))
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^Error: .+\n$/)
    expect(stderr).toContain(line)
    expect(await exists(name)).toBe(false)
  })

  test('of ten at once makes one database, and none fails', async ({ newName: name }) => {
    const all = await Promise.all(Array.from({ length: 10 }, () => onServer(['createdb'], urlOf(name))))
    expect(all.map(({ code, stderr }) => ({ code, stderr }))).toEqual(all.map(() => ({ code: 0, stderr: '' })))
    expect(all.filter(({ stdout }) => stdout.startsWith('Created'))).toHaveLength(1)
  })

  test('says in one line that a role may not', async ({ newName: name, role: { urlAs } }) => {
    expect(await onServer(['createdb'], urlAs(name))).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Error: permission denied to create database\n',
    })
    expect(await exists(name)).toBe(false)
  })

  test('goes by template1 where postgres is closed to it, and by no other', async ({
    newName: name,
    onTestFinished,
  }) => {
    const postgres = await closedDatabase('postgres')
    const template = await closedDatabase('template1')
    onTestFinished(() => [postgres, template].forEach((way) => void way.close()))
    const through = ({ url }: { url: string }) => Object.assign(new URL(url), { pathname: `/${name}` }).href
    expect(await onServer(['createdb'], through(postgres))).toMatchObject({ code: 0, stderr: '' })
    expect(await onServer(['dropdb', '--force'], through(template))).toMatchObject({ code: 0, stderr: '' })
    expect(await exists(name)).toBe(false)
  })
})

describe.runIf(SERVER_URL)('dropdb', () => {
  test('drops the database of DATABASE_URL though it is in use, and finds nothing the second time', async ({
    ours,
  }) => {
    const engine = openServer({ url: urlOf(ours), poolSize: 1 })
    const [row] = await rowsOf(engine, 'select count(*) as n from companies')
    expect(row?.['n']).toBeGreaterThan(0)
    const first = await onServer(['dropdb', '--force'], urlOf(ours))
    expect(first).toEqual({
      code: 0,
      stdout: expect.stringMatching(`^Dropped database "${ours}" at .*:\\d+\n$`),
      stderr: '',
    })
    await engine.close()
    const again = await onServer(['dropdb'], urlOf(ours))
    expect(again).toEqual({ code: 0, stdout: expect.stringMatching(`^There is no database "${ours}" at `), stderr: '' })
  })

  test('drops an empty one, also by its name alone', async ({ newName: name }) => {
    await onServer(['createdb'], urlOf(name))
    const answers: [string, string][] = [[`database's name (${name})`, name]]
    expect(await onServer(['dropdb', '--name', name], urlOf('postgres'), { answers })).toMatchObject({ code: 0 })
    expect(await exists(name)).toBe(false)
  })

  test.for([
    ['a wrong name', 'yes', 1, 'That is not its name; nothing was changed'],
    ['Ctrl-C', '\x03', 130, 'Cancelled'],
  ] as const)('changes nothing after %s', async ([, answer, code, line], { ours }) => {
    const answers: [string, string][] = [['Type the database', answer]]
    const result = await onServer(['dropdb'], urlOf(ours), { answers })
    expect(result).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(line) })
    expect(await exists(ours)).toBe(true)
  })

  test.for(['dropdb', 'resetdb'])('%s needs more without a terminal, and in production', async (command, { ours }) => {
    const environment = 'production'
    expect(await onServer([command], urlOf(ours))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no terminal to ask on: give --force'),
    })
    expect(await onServer([command, '--force'], urlOf(ours), { environment })).toEqual({
      code: 1,
      stdout: '',
      stderr: `Error: This is production: ${command} needs --i-know-this-is-production\n`,
    })
    expect(await onServer([command, '--i-know-this-is-production'], urlOf(ours), { environment })).toMatchObject({
      code: 1,
    })
    await run(urlOf(ours), 'SELECT 1 / count(*) FROM companies')
    const all = [command, '--force', '--i-know-this-is-production']
    expect(await onServer(all, urlOf(ours), { environment })).toMatchObject({ code: 0 })
    expect(await exists(ours)).toBe(command === 'resetdb')
  })

  test.for([
    ['a table', 'CREATE TABLE orders (id int)', 'public.orders'],
    ['a table in a schema', 'CREATE SCHEMA shop; CREATE TABLE shop.orders (id int)', 'shop.orders'],
    ['a view alone', 'CREATE VIEW answers AS SELECT 42 AS n', 'public.answers'],
    ['a sequence alone', 'CREATE SEQUENCE numbers', 'public.numbers'],
    ['a record elsewhere', 'CREATE SCHEMA x; CREATE TABLE x.fastvue_migrations (name text)', 'x.fastvue_migrations'],
    [
      'many tables',
      'CREATE TABLE a (); CREATE TABLE b (); CREATE TABLE c (); CREATE TABLE d (); CREATE TABLE e ()',
      'public.a, public.b, public.c and 2 more',
    ],
  ])("refuses what is somebody else's: %s", async ([, statements = '', found], { newName: name }) => {
    await onServer(['createdb'], urlOf(name))
    await run(urlOf(name), ...statements.split('; '))
    for (const argv of [['dropdb', '--force'], ['dropdb'], ['resetdb', '--force']])
      expect(await onServer(argv, urlOf(name))).toEqual({
        code: 1,
        stdout: '',
        stderr: `Error: The database "${name}" is not FastVue's: it has ${found}, and no fastvue_migrations; only psql drops it\n`,
      })
    expect(await exists(name)).toBe(true)
  })

  test('does not take what an extension brought for tables of somebody', async ({ newName: name }) => {
    await onServer(['createdb'], urlOf(name))
    await run(urlOf(name), 'CREATE TABLE brought (id int)', 'ALTER EXTENSION plpgsql ADD TABLE brought')
    expect(await onServer(['dropdb', '--force'], urlOf(name))).toMatchObject({ code: 0, stderr: '' })
  })

  test.for(['postgres', 'template0', 'template1'])("never drops the server's own %s", async (name) => {
    const all = ['--force', '--i-know-this-is-production']
    const refusal = {
      code: 1,
      stdout: '',
      stderr: `Error: The database "${name}" belongs to PostgreSQL itself\n`,
    }
    expect(await onServer(['dropdb', '--name', name, ...all], urlOf('fastvue_test_none'))).toEqual(refusal)
    expect(await onServer(['resetdb', ...all], urlOf(name))).toEqual(refusal)
  })

  test('refuses a database that it cannot look into', async ({ ours }) => {
    await maintain(`ALTER DATABASE ${ours} ALLOW_CONNECTIONS false`)
    expect(await onServer(['dropdb', '--force'], urlOf(ours))).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^Error: Cannot connect .*is not currently accepting connections\n$/),
    })
    expect(await exists(ours)).toBe(true)
  })

  test('drops one that PostgreSQL was stopped from dropping', async ({ ours }) => {
    await maintain(`UPDATE pg_database SET datconnlimit = -2 WHERE datname = '${ours}'`)
    expect(await onServer(['dropdb', '--force'], urlOf(ours))).toMatchObject({ code: 0, stderr: '' })
    expect(await exists(ours)).toBe(false)
  })

  test('drops nothing that does not belong to its role', async ({ ours, role: { urlAs } }) => {
    const { code, stdout, stderr } = await onServer(['dropdb', '--force'], urlAs(ours))
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(`Error: must be owner of database ${ours}\n`)
    expect(await exists(ours)).toBe(true)
  })
})

describe.runIf(SERVER_URL)('resetdb', () => {
  test(
    'while a server works on it: that one answers again, on the new data',
    { timeout: 240_000 },
    async ({ ours }) => {
      using place = serverFolder()
      const env = { ...place.env, DATABASE_URL: urlOf(ours) }
      await using server = new Running(['main.ts'], { env })
      const url = await server.url()
      const ready = async () => (await fetch(`${url}/health/ready`)).status
      const logIn = async (username: string, password: string) => {
        const body = JSON.stringify({ username, password })
        const headers = { 'content-type': 'application/json' }
        return (await fetch(`${url}/api/v1/auth/login`, { method: 'POST', body, headers })).status
      }
      expect(await ready()).toBe(200)
      const { code, stdout, stderr } = await onServer(['resetdb', '--force', '--sample-data'], urlOf(ours))
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      const [, username = '', password = ''] = /│ (\w+) +│ (\S+) +│ \w+ +│ superuser/.exec(stdout) ?? []
      await expect.poll(ready, { timeout: 60_000 }).toBe(200)
      await expect.poll(() => logIn(username, password), { timeout: 60_000 }).toBe(200)
      expect(await logIn('superuser', password)).toBe(401) // was there before
    },
  )

  test.for([
    ['Dropped', [['resetdb', '--force']]],
    ['Created', [['migrate'], ['initdb']]],
  ] as const)(
    'interrupted after "%s", it says what to do, and that mends it',
    { timeout: 240_000 },
    async ([said, mend], { ours }) => {
      // Its first migration does not end by itself; where the second case stops is certain.
      using slow = new TestProject()
      slow.clear()
      slow.add({ name: '0001_slow', parents: [], up: 'SELECT pg_sleep(600);' })
      using place = serverFolder()
      const env = { ...place.env, DATABASE_URL: urlOf(ours) }
      const script = join(import.meta.dirname, '../support/manage-in.ts')
      await using reset = new Running([script, slow.directory, 'resetdb', '--force'], { env })
      await reset.said(new RegExp(said))
      reset.signal('SIGINT')
      expect(await reset.ended()).toBe(130)
      const advice = said === 'Created' ? mend[0][0] : '(resetdb|migrate)'
      expect(reset.output).toMatch(new RegExp(`\nWarning: The database is .*\\./manage ${advice} .*\nCancelled\n$`))

      for (const argv of mend) expect(await onServer([...argv], urlOf(ours))).toMatchObject({ code: 0, stderr: '' })
      const { stdout } = await onServer(['showmigrations'], urlOf(ours))
      expect(stdout).not.toMatch(/\[[ ?]\]/)
    },
  )

  test('by a role that could not make it again drops nothing', async ({ newName: name, role: { role, urlAs } }) => {
    await onServer(['createdb', '--owner', role], urlOf(name))
    await run(urlAs(name), 'CREATE TABLE fastvue_migrations (name text)')
    expect(await onServer(['resetdb', '--force'], urlAs(name))).toEqual({
      code: 1,
      stdout: '',
      stderr: `Error: The role "${role}" may not create databases (CREATEDB)\n`,
    })
    await run(urlAs(name), 'SELECT * FROM fastvue_migrations')
  })

  test('makes what is not there', async ({ newName: name }) => {
    const { code, stdout } = await onServer(['resetdb', '--json'], urlOf(name))
    expect({ code, data: JSON.parse(stdout) }).toMatchObject({ code: 0, data: { name } })
    await run(urlOf(name), 'SELECT * FROM companies')
  })
})

import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Engine } from '../../app/db/engine.ts'
import { manage } from '../support/command-line.ts'
import { describe, expect, test } from '../support/fixtures.ts'
import { rowsOf } from '../support/migrations.ts'
import { Running, serverFolder } from '../support/running.ts'
import { EMBEDDED, SERVER_URL, urlOf } from '../support/server-databases.ts'
import { testSettings } from '../support/settings.ts'
import { copyBaselineFolder } from '../support/temporary-folder.ts'

const root = resolve(import.meta.dirname, '../..')

/** What the prompt says to lines that are piped in. */
const piped = (engine: Engine, ...lines: string[]) => manage(['dbshell'], { engine, stdin: lines.join('\n') })

/** A table's cells. */
const cells = (text: string) => [...text.matchAll(/│ (.*?) *(?=│)/g)].map(([, cell]) => cell)

const codes = async (engine: Engine) =>
  (await rowsOf(engine, 'select code from companies order by id')).map(({ code }) => code)

describe('lines of a pipe', () => {
  test('run when they end a statement, each committed at once', async ({ engine }) => {
    const { code, stdout, stderr } = await piped(
      engine,
      'select id,',
      '  code from companies order by id; select 1 as one;',
      `insert into companies (name, code) values ('New; now', 'NEW');`,
      'update companies set name = name where false;',
      'create table made (id int); drop table made;',
      'select 1 where false;',
      'select 2 as two', // no semicolon at the end
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(cells(stdout)).toEqual(['id', 'code', '1', 'TEST', '2', 'OTHER', 'one', '1', 'two', '2'])
    expect(stdout).toContain('(1 row)\nINSERT 1\nUPDATE 0\nCREATE\nDROP\n(0 rows)\n')
    expect(await codes(engine)).toEqual(['TEST', 'OTHER', 'NEW'])
  })

  test('go on after an error, which is one line, and the exit code tells of it', async ({ engine }) => {
    const { code, stdout, stderr } = await piped(engine, 'select nix;', 'nope; select 3;', 'select 4 as four;')
    expect(code).toBe(1)
    expect(cells(stdout)).toEqual(['four', '4'])
    expect(stderr).toBe('Error: column "nix" does not exist\nError: syntax error at or near "nope"\n')
  })

  test('see every company, as no policy applies', async ({ engine }) => {
    const insert = `insert into products (company_id, name, sku, price) select id, 'Lamp', 'L-1', 1 from companies;`
    const { stdout } = await piped(engine, insert, 'select count(*) from products;')
    expect(stdout).toMatch(/^INSERT 2\n/)
    expect(cells(stdout)).toEqual(['count', '2'])
  })

  test('from BEGIN on run as one at COMMIT, or not at all', async ({ engine }) => {
    const insert = (code: string) => `insert into companies (name, code) values ('${code}', '${code}');`
    const kept = await piped(engine, 'begin;', insert('ONE'), insert('TWO'), 'commit;')
    expect(kept).toMatchObject({ code: 0, stdout: 'BEGIN\nINSERT 1\nINSERT 1\nCOMMIT\n', stderr: '' })
    await piped(engine, 'begin;', insert('THREE'), 'rollback;')
    const failed = await piped(engine, 'begin;', insert('FOUR'), 'select 1/0;', 'commit;', 'select 5 as five;')
    expect(failed).toMatchObject({ code: 1, stderr: 'Error: division by zero; nothing of the transaction was kept\n' })
    expect(cells(failed.stdout)).toEqual(['five', '5'])
    const open = await piped(engine, 'begin;', insert('SIX'))
    expect(open).toEqual({ code: 1, stdout: '', stderr: 'Error: BEGIN has no COMMIT: nothing of it was run\n' })
    expect(await piped(engine, `select 'x;`)).toMatchObject({
      code: 1,
      stderr: 'Error: A quote or a comment has no end: nothing of it was run\n',
    })
    expect(await codes(engine)).toEqual(['TEST', 'OTHER', 'ONE', 'TWO'])
  })

  test('leave the session as they found it', async ({ engine }) => {
    const { stdout } = await piped(
      engine,
      'set role fastvue_app;',
      `set app.company_id = '1';`,
      `select current_user = session_user as same, current_setting('app.company_id', true) as company;`,
      'begin; set role fastvue_app; select 1/0; commit;',
      'select current_user = session_user as still;',
    )
    expect(cells(stdout)).toEqual(['same', 'company', 'true', '', 'still', 'true'])
  })

  test('end at \\q, and know \\d', async ({ engine }) => {
    const { code, stdout, stderr } = await piped(engine, '\\d products', '\\d nix', '\\x', '\\q', 'select 1;')
    expect(cells(stdout)).toEqual(expect.arrayContaining(['column', 'sku', 'character varying(50)', 'not null']))
    expect(stdout).toMatch(/\n\(\d+ rows\)\n$/)
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'Error: relation "nix" does not exist\nError: \\x is none of \\d, \\d NAME and \\q\n',
    })
    expect(cells((await piped(engine, '\\d')).stdout)).toEqual(
      expect.arrayContaining(['public', 'products', 'base table']),
    )
  })

  test('do not wait for a COPY that nobody feeds', async ({ engine }) => {
    const line = 'Error: COPY with STDIN or STDOUT needs psql\n'
    for (const copy of ['copy companies from stdin;', 'COPY (select 1)\nTO STDOUT;'])
      expect(await piped(engine, copy)).toEqual({ code: 1, stdout: '', stderr: line })
  })

  test('give rows as JSON lines with --json, and nothing else', async ({ engine }) => {
    const stdin = 'select id, code from companies order by id;\nupdate companies set name = name;\nselect null as n;'
    const { stdout } = await manage(['dbshell', '--json'], { engine, stdin })
    expect(stdout).toBe('{"id":1,"code":"TEST"}\n{"id":2,"code":"OTHER"}\n{"n":null}\n')
  })
})

describe('--command', () => {
  test('runs up to the first error, and leaves', async ({ engine }) => {
    const sql = `select 1 as one; update companies set code = 'X'||id; select 1/0; delete from companies`
    const { code, stdout, stderr } = await manage(['dbshell', '-c', sql], { engine, stdin: 'select 9;' })
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'Error: division by zero\n' })
    expect(cells(stdout)).toEqual(['one', '1'])
    expect(await codes(engine)).toEqual(['X1', 'X2'])
  })

  test('needs a database', async () => {
    const settings = testSettings({ DATABASE_URL: 'postgres://anna:hush@127.0.0.1:1/shop' })
    expect(await manage(['dbshell', '--json', '-c', 'select 1'], { settings })).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Error: Cannot connect to the database (DATABASE_URL): connect ECONNREFUSED 127.0.0.1:1\n',
    })
  })
})

describe('the prompt on a terminal', () => {
  const settingsIn = (directory: string) => ({ ...testSettings(), directory })

  test('says whose view it is, goes on until a semicolon, and remembers what was typed', async ({ engine, folder }) => {
    const settings = settingsIn(folder)
    const first: [string, string][] = [
      ['sql> ', 'select 1'],
      ['-> ', '+ 1 as two;'],
      ['sql> ', 'begin;'],
      ['*> ', 'delete from companies;'],
      ['*> ', 'rollback;'],
      ['sql> ', '\\q'],
    ]
    const { code, stdout, stderr } = await manage(['dbshell'], { engine, settings, answers: first })
    expect(code).toBe(0)
    expect(stderr).toContain(engine.label)
    expect(stderr).toMatch(
      engine.kind === 'embedded' ? /A superuser's view: every company's rows/ : /The view of the role/,
    )
    expect(cells(stdout)).toEqual(['two', '2'])
    expect(stdout).toContain('BEGIN\nDELETE 2\nROLLBACK\n')
    const history = join(folder, 'var', 'dbshell-history')
    expect(readFileSync(history, 'utf8').trim().split('\n').toReversed()).toEqual(first.map(([, line]) => line))
    expect(statSync(history).mode & 0o077).toBe(0)

    const answers: [string, string][] = [
      ['sql> ', '\x1b[A\x1b[A\x1b[A\x1b[A'], // four lines back: begin;
      ['*> ', 'rollback;'],
      ['sql> ', '\\q'],
    ]
    expect((await manage(['dbshell'], { engine, settings, answers })).stdout).toBe('BEGIN\nROLLBACK\n')
  })

  test('does without a history that cannot be kept', async ({ engine, folder }) => {
    writeFileSync(join(folder, 'var'), 'no folder')
    const answers: [string, string][] = [
      ['sql> ', 'select 1;'],
      ['sql> ', 'quit'],
    ]
    expect(await manage(['dbshell'], { engine, settings: settingsIn(folder), answers })).toMatchObject({ code: 0 })
  })

  test('leaves at Ctrl-D', async ({ engine, folder }) => {
    const answers: [string, string][] = [['sql> ', '\x04']]
    expect(await manage(['dbshell'], { engine, settings: settingsIn(folder), answers })).toMatchObject({ code: 0 })
  })

  test('takes back at Ctrl-C what is typed, and leaves where nothing is', async ({ engine, folder }) => {
    const answers: [string, string][] = [
      ['sql> ', `insert into companies (name, code) values ('X', 'X')`],
      ['-> ', 'and more\x03'],
      ['sql> ', 'select 7 as seven;'],
      ['sql> ', ''], // the answer to the line that Ctrl-C left empty
      ['sql> ', '\x03'],
    ]
    const { code, stdout, stderr } = await manage(['dbshell'], { engine, settings: settingsIn(folder), answers })
    expect(code).toBe(130)
    expect(stderr).toMatch(/\nCancelled\n$/)
    expect(cells(stdout)).toEqual(['seven', '7'])
    expect(await codes(engine)).toEqual(['TEST', 'OTHER'])
  })
})

describe.runIf(EMBEDDED)('beside a server that has the embedded database open', () => {
  test('goes through it, and does not hold it up', async () => {
    using place = serverFolder()
    copyBaselineFolder(place.database)
    await using server = new Running(['main.ts'], { env: place.env })
    const url = await server.url()
    const input = `begin;\nupdate companies set name = 'Renamed' where id = 1;\ncommit;\nselect name from companies where id = 1;`
    const shell = spawnSync(process.execPath, ['manage.ts', 'dbshell'], {
      cwd: root,
      encoding: 'utf8',
      input,
      env: { ...process.env, ...place.env },
    })
    expect(shell).toMatchObject({ status: 0, stderr: '' })
    expect(cells(shell.stdout)).toEqual(['name', 'Renamed'])

    // It stays in its transaction only until COMMIT is typed.
    await using waiting = new Running(['-e', THINKING], { env: place.env })
    await waiting.said(/begun/)
    expect((await fetch(`${url}/health/ready`)).status).toBe(200)
  })
})

// A person who has typed BEGIN and a change, and thinks.
const THINKING = `
const { PassThrough } = require('node:stream')
const tty = () => Object.assign(new PassThrough(), { isTTY: true })
const streams = { stdin: tty(), stdout: new PassThrough(), stderr: tty(), env: process.env }
streams.stderr.on('data', (text) => String(text).includes('*> ') && console.log('begun'))
streams.stdin.write('begin;\\nupdate companies set name = name;\\n')
import('${root}/app/management/run.ts').then(({ runManage }) => runManage(['dbshell'], { streams })).then((code) => process.exit(code))
`

describe('psql', () => {
  /** A psql that tells what it was called with. */
  function recorder(folder: string): string {
    const path = join(folder, 'psql')
    writeFileSync(path, `#!/bin/sh\necho "args: $*"\necho "password: $PGPASSWORD"\ncat\nexit 7\n`)
    chmodSync(path, 0o755)
    return `${folder}:${process.env['PATH']}`
  }

  test.runIf(EMBEDDED)(
    'gets the address without the password, that by the environment, and its streams and exit code',
    ({ folder }) => {
      const shell = spawnSync(process.execPath, ['manage.ts', 'dbshell', '-c', 'select 1'], {
        cwd: root,
        encoding: 'utf8',
        input: 'from the pipe\n',
        env: {
          PATH: recorder(folder),
          SECRET_KEY: 'k'.repeat(32),
          DATABASE_URL: 'postgres://anna:h%75sh@db.example.com:5433/shop?sslmode=verify-full',
        },
      })
      expect(shell).toMatchObject({
        status: 7,
        stderr: '',
        stdout:
          'args: postgres://anna@db.example.com:5433/shop?sslmode=verify-full --command select 1\n' +
          'password: hush\nfrom the pipe\n',
      })
    },
  )

  test.runIf(EMBEDDED)('is told to end, and Ctrl-C is its own business', async ({ folder }) => {
    const path = join(folder, 'psql')
    writeFileSync(
      path,
      `#!/bin/sh\ntrap 'echo stopping; exit 3' TERM\necho started\nfor _ in $(seq 400); do sleep 0.05; done\n`,
    )
    chmodSync(path, 0o755)
    const env = {
      PATH: `${folder}:${process.env['PATH']}`,
      SECRET_KEY: 'k'.repeat(32),
      DATABASE_URL: 'postgres://h/shop',
    }
    await using shell = new Running(['manage.ts', 'dbshell'], { env })
    await shell.said(/started/)
    shell.signal('SIGINT')
    shell.signal('SIGTERM')
    await shell.said(/stopping/)
    expect(await shell.ended()).toBe(3)
  })

  test.runIf(SERVER_URL && hasPsql())('is the prompt on a server', async () => {
    const run = (url: string, ...argv: string[]) =>
      spawnSync(process.execPath, ['manage.ts', 'dbshell', ...argv], {
        cwd: root,
        encoding: 'utf8',
        input: 'select 6 * 7;\n',
        env: { ...process.env, SECRET_KEY: 'k'.repeat(32), DATABASE_URL: url },
      })
    expect(run(urlOf('postgres'))).toMatchObject({ status: 0, stdout: expect.stringContaining('42') })
    expect(run(urlOf('postgres'), '-c', 'select nix')).toMatchObject({ status: 1, stdout: '' })
    expect(run(urlOf('fastvue_test_none'))).toMatchObject({ status: 2, stderr: expect.stringContaining('not exist') })
    expect(run(urlOf('postgres'), '--json', '-c', 'select 1 as one')).toMatchObject({ stdout: '{"one":1}\n' })
  })

  test.runIf(SERVER_URL)('is named where it is missing, and a simple prompt stands in', async () => {
    using place = serverFolder()
    const shell = spawnSync(process.execPath, ['manage.ts', 'dbshell'], {
      cwd: root,
      encoding: 'utf8',
      input: 'select 6 * 7 as answer;\n',
      env: { ...place.env, PATH: place.path, DATABASE_URL: urlOf('postgres') },
    })
    expect(shell.stderr).toMatch(/^Warning: psql is not installed \(.*postgresql-client.*\); .*\n$/)
    expect(cells(shell.stdout)).toEqual(['answer', '42'])
  })
})

function hasPsql(): boolean {
  return spawnSync('psql', ['--version']).status === 0
}

test.runIf(EMBEDDED)('in memory there is a database to try things out in', async () => {
  const { code, stdout } = await manage(['dbshell', '-c', 'create table t (n int); select count(*) from t'])
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^CREATE\n[^]*│ 0 /) })
})

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openEmbedded } from '../../app/db/embedded.ts'
import { GOOD_KEY } from '../support/check-cases/case.ts'
import { rowsOf } from '../support/migrations.ts'
import { copyProject } from '../support/project-copy.ts'
import { Running, serverFolder } from '../support/running.ts'
import { serverCopy } from '../support/server-copy.ts'
import { EMBEDDED, SERVER_URL, maintain } from '../support/server-databases.ts'
import { copyBaselineFolder } from '../support/temporary-folder.ts'

const PRODUCTION = {
  ENVIRONMENT: 'production',
  SECRET_KEY: GOOD_KEY,
  SMTP_URL: 'smtps://mail.example.com',
  MAIL_FROM: 'noreply@example.com',
  FRONTEND_URL: 'https://app.example.com',
}
const DEVELOPMENT = { ENVIRONMENT: 'development' }

/** The folder of a server on a migrated database. */
function place() {
  const made = serverFolder()
  copyBaselineFolder(made.database)
  return made
}

/** What a server has logged about its set-up. It has ended, so that nothing is left to write. */
const logged = (folder: string) =>
  readFileSync(join(folder, 'logs', 'fastvue.log'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"check"'))
    .map((line) => JSON.parse(line) as { level: string; check: string; hint: string; msg: string })

async function spoil(folder: string): Promise<void> {
  const engine = await openEmbedded(folder)
  await rowsOf(engine, 'alter table products no force row level security')
  await engine.close()
}

/** Runs a server until it listens, and stops it. @returns all that it said */
async function listenOnce(argv: string[], env: NodeJS.ProcessEnv): Promise<string> {
  await using server = new Running(argv, { env })
  await server.url()
  server.signal('SIGTERM')
  expect(await server.ended()).toBe(0)
  return server.output
}

const PROGRAMS = ['main.ts', 'manage.ts start', 'manage.ts runserver --no-reload']

describe.runIf(EMBEDDED).for(PROGRAMS)('%s', (program) => {
  const argv = program.split(' ')

  test('in production is refused for an error, in a line each', async () => {
    using here = place()
    await spoil(here.database)
    await using server = new Running(argv, { env: { ...here.env, ...PRODUCTION, SECRET_KEY: 'a'.repeat(40) } })
    expect(await server.ended()).toBe(1)
    const lines = server.output
      .trimEnd()
      .split('\n')
      .filter((line) => line.startsWith('Error'))
    expect(lines).toEqual([
      expect.stringMatching(
        /^Error: isolation\.E001: Not as in the model: products \(not forced\) \(ALTER TABLE .*\)$/,
      ),
      'Error: security.E001: SECRET_KEY is easy to guess (Make one with: openssl rand -hex 32)',
    ])
    expect(server.output).not.toMatch(/ {4}at |aaaa|http:/)
  })

  test('in development shows errors and counts warnings; the log has them all', async () => {
    using here = place()
    await spoil(here.database)
    const env = { ...here.env, ...DEVELOPMENT, SECRET_KEY_PREVIOUS: here.env.SECRET_KEY }
    const said = await listenOnce(argv, env)
    expect(said.split('\n').filter((line) => line.startsWith('Warning'))).toEqual([
      expect.stringMatching(
        /^Warning: isolation\.E001: Not as in the model: products \(not forced\) \(ALTER TABLE .*\)$/,
      ),
      'Warning: 1 warning, see ./manage check',
    ])
    expect(logged(here.path)).toMatchObject([
      { level: 'ERROR', check: 'isolation.E001', msg: 'Not as in the model: products (not forced)' },
      { level: 'WARNING', check: 'security.W004', hint: 'Set SECRET_KEY to a new one' },
    ])
  })
})

test.runIf(EMBEDDED)('in production warnings are in the log alone', async () => {
  using here = place()
  const said = await listenOnce(['main.ts'], { ...here.env, ...PRODUCTION, LOG_LEVEL: 'DEBUG' })
  expect(said).toMatch(/^FastVue .* listens on .*\n$/)
  expect(logged(here.path)).toMatchObject([{ level: 'WARNING', check: 'security.W002', msg: 'LOG_LEVEL is DEBUG' }])
})

test.runIf(EMBEDDED)(
  'a Redis that is away is told and stops no start; a check that is silenced says nothing',
  async () => {
    using here = place()
    const env = { ...here.env, ...PRODUCTION, LOG_LEVEL: 'DEBUG', REDIS_URL: 'redis://:hunter2@127.0.0.1:1' }
    await listenOnce(['main.ts'], { ...env, SILENCED_CHECKS: 'security.W002' })
    expect(logged(here.path)).toMatchObject([{ level: 'ERROR', check: 'redis.E001' }])
    expect(readFileSync(join(here.path, 'logs', 'fastvue.log'), 'utf8')).not.toContain('hunter2')
  },
)

test.runIf(EMBEDDED)('what the start itself cannot do comes first, whatever the checks would say', async () => {
  using here = place()
  const env = { ...here.env, ...PRODUCTION, SECRET_KEY: 'a'.repeat(40), LOG_DIR: '/dev/null/logs' }
  await using server = new Running(['main.ts'], { env })
  expect(await server.ended()).toBe(1)
  expect(server.output).toMatch(/^Error: LOG_DIR: cannot write .*\n$/)
})

test.runIf(EMBEDDED)('an id that no check has is a fault', async () => {
  using here = place()
  await using server = new Running(['main.ts'], { env: { ...here.env, SILENCED_CHECKS: 'weather.W001' } })
  expect(await server.ended()).toBe(1)
  expect(server.output).toBe('Error: SILENCED_CHECKS: there is no check weather.W001 (./manage check --list)\n')
})

test.runIf(EMBEDDED)(
  'runserver --reload checks again at each restart',
  async () => {
    using here = place()
    const project = join(here.path, 'project')
    await copyProject(project)
    const env = { ...here.env, ...DEVELOPMENT }
    await using server = new Running(['manage.ts', 'runserver', '--reload'], { env, project })
    await server.url()
    expect(server.output).not.toContain('Warning')
    writeFileSync(join(project, '.env'), 'DATABSE_URL=postgres://localhost/shop\n')
    await server.said(/Warning: 1 warning, see \.\/manage check\n/)
    await server.said(/\.env changed: restarted/)
  },
  240_000,
)

test.runIf(SERVER_URL)('of several workers the first checks, and counts the connections of all', async () => {
  using here = serverFolder()
  await using copy = await serverCopy()
  await maintain(`ALTER DATABASE ${copy.name} CONNECTION LIMIT 30`)
  const env = { ...here.env, ...DEVELOPMENT, DATABASE_URL: copy.url, DB_POOL_SIZE: '10' }
  await using server = new Running(['manage.ts', 'runserver', '--workers', '3'], { env })
  await server.said(/with 3 workers/)
  server.signal('SIGTERM')
  expect(await server.ended()).toBe(0)
  expect(server.output.match(/Warning: .*/g)).toEqual(['Warning: 1 warning, see ./manage check'])
  expect(logged(here.path)).toMatchObject([
    { check: 'database.W006', msg: '3 processes may take 33 connections, of 30 that there are' },
  ])
})

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { loadMigrations, writeMigration } from '../../app/db/migration-files.ts'
import { manage } from '../support/command-line.ts'
import { MIGRATIONS } from '../support/migrations.ts'
import { copyProject } from '../support/project-copy.ts'
import { Running, serverFolder } from '../support/running.ts'
import { serverCopy } from '../support/server-copy.ts'
import { EMBEDDED, SERVER_URL } from '../support/server-databases.ts'
import { copyBaselineFolder } from '../support/temporary-folder.ts'

const card = async (url: string) => ((await (await fetch(url)).json()) as { service: string }).service

describe.runIf(EMBEDDED)('runserver', () => {
  test.each([
    [['--port', '99999'], /'--port <number>' argument '99999' is invalid. Expected a whole number from 0 to 65535\./],
    [['--port', 'http'], /'--port <number>' argument 'http' is invalid/],
    [['--workers', '0'], /'--workers <number>' argument '0' is invalid. Expected a whole number from 1 to 512\./],
    [['--reload', '--workers', '2'], /^Error: --reload and --workers do not go together\n$/],
    [['--bind', '::1'], /unknown option '--bind'/],
  ])('%j is wrong use', async (flags, message) => {
    const { code, stderr } = await manage(['runserver', ...flags])
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) })
  })

  test('refuses several workers on the embedded database, naming the way out', async () => {
    expect(await manage(['runserver', '--workers', '2'])).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'Error: The embedded database serves one process: for --workers set DATABASE_URL=postgres://… to a PostgreSQL server\n',
    })
  })

  test.each(['--reload', '--no-reload'])(
    'refuses a database that is not migrated in one line with %s',
    async (flag) => {
      using place = serverFolder()
      await using server = new Running(['manage.ts', 'runserver', flag], {
        env: { ...place.env, DATABASE_URL: 'memory:' },
      })
      expect(await server.ended()).toBe(1)
      expect(server.output).toMatch(/^Error: The database .* lacks \d+ migrations: run \.\/manage migrate\n$/)
    },
  )

  test('serves on the port of its flag and ends with 0', async () => {
    using place = serverFolder()
    copyBaselineFolder(place.database)
    const env = { ...place.env, PORT: '1' }
    await using server = new Running(['manage.ts', 'runserver', '--host', '127.0.0.1', '--port', '0'], { env })
    const [, url = ''] = await server.said(/Listening on (http:\/\/127\.0\.0\.1:\d+)/)
    expect(await card(url)).toBe('FastVue')
    server.signal('SIGINT')
    expect(await server.ended()).toBe(0)
  })
})

test.runIf(EMBEDDED)(
  'runserver --reload restarts at a change of the code, and outlives code that is broken',
  async () => {
    using place = serverFolder()
    const project = join(place.path, 'project')
    await copyProject(project)
    copyBaselineFolder(place.database)
    await using server = new Running(['manage.ts', 'runserver', '--reload'], { env: place.env, project })
    expect(await card(await server.url())).toBe('FastVue')

    const file = join(project, 'app/api/health.ts')
    const code = readFileSync(file, 'utf8')
    const change = (name: string) => writeFileSync(file, code.replace(`'FastVue'`, name))
    const restarted = /health\.ts changed: restarted in \d+ ms on (http:\S+)/
    change(`'Changed'`)
    const [, changed = ''] = await server.said(restarted)
    expect(await card(changed)).toBe('Changed')

    change(`'Broken`)
    await server.said(/health\.ts/) // where the error is
    await server.said(/Warning: The server has ended \(exit code 1\); waiting for a change/)

    change(`'Mended'`)
    const [, mended = ''] = await server.said(restarted)
    expect(await card(mended)).toBe('Mended')

    server.signal('SIGTERM')
    expect(await server.ended()).toBe(0)
    await expect(fetch(mended)).rejects.toThrow()
  },
  240_000,
)

test.runIf(EMBEDDED)(
  'runserver --reload comes back by itself once what is wrong outside of the code is mended',
  async () => {
    using place = serverFolder()
    const project = join(place.path, 'project')
    await copyProject(project)
    copyBaselineFolder(place.database)
    await using server = new Running(['manage.ts', 'runserver', '--reload'], { env: place.env, project })
    await server.url()

    const { name, schema } = loadMigrations(MIGRATIONS).at(-1)!
    writeMigration(join(project, 'migrations'), { name: '0999_lacking', parents: [name], schema, up: '', down: '' })
    const file = join(project, 'app/api/health.ts')
    writeFileSync(file, readFileSync(file, 'utf8').replace(`'FastVue'`, `'Migrated'`))
    await server.said(/Error: The database .* lacks 1 migration: run \.\/manage migrate/)
    await server.said(/Warning: The server has ended \(exit code 1\); waiting until it is mended, or for a change/)

    await using migrate = new Running(['manage.ts', 'migrate'], { env: place.env, project })
    expect(await migrate.ended()).toBe(0)
    const [, mended = ''] = await server.said(/Mended: restarted in \d+ ms on (http:\S+)/)
    expect(await card(mended)).toBe('Migrated')
    expect(server.output.match(/lacks 1 migration/g)).toHaveLength(1)
    server.signal('SIGTERM')
    expect(await server.ended()).toBe(0)
  },
  240_000,
)

test.runIf(SERVER_URL)('runserver --workers replaces a worker that dies, and ends them all', async () => {
  using place = serverFolder()
  await using copy = await serverCopy()
  const env = { ...place.env, DATABASE_URL: copy.url, ENVIRONMENT: 'development' }
  await using server = new Running(['manage.ts', 'runserver', '--workers', '2'], { env })
  const [, url = ''] = await server.said(/Listening on (\S+) with 2 workers/)
  const children = () => readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8').trim().split(' ')
  const [first = '', second] = children()
  process.kill(Number(first), 'SIGKILL')
  await server.said(/Worker \d+ has ended \(SIGKILL\); starting another/)
  expect(await card(url)).toBe('FastVue')
  await vi.waitFor(() => {
    expect(children()).toEqual([second, expect.stringMatching(/^\d+$/)])
  }, 10_000)
  server.signal('SIGTERM')
  expect(await server.ended()).toBe(0)
  await expect(fetch(url)).rejects.toThrow()
})

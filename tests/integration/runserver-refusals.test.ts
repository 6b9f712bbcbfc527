import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { refusingServer } from '../support/refusing-server.ts'
import { Running, serverFolder } from '../support/running.ts'
import { serverCopy } from '../support/server-copy.ts'
import { SERVER_URL, urlOf } from '../support/server-databases.ts'
import { copyBaselineFolder } from '../support/temporary-folder.ts'

/** Somewhere to serve, on the embedded database or a copy of the server's. */
async function servingPlace(kind: 'embedded' | 'server') {
  await using made = new AsyncDisposableStack()
  const { env, database } = made.use(serverFolder())
  if (kind === 'embedded') copyBaselineFolder(database)
  const DATABASE_URL = kind === 'embedded' ? env.DATABASE_URL : made.use(await serverCopy()).url
  const kept = made.move()
  return {
    env: { ...env, DATABASE_URL },
    database,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** What `runserver` says when it cannot start. */
async function refusal(flags: string[], env: NodeJS.ProcessEnv): Promise<string> {
  await using server = new Running(['manage.ts', 'runserver', ...flags], { env })
  expect(await server.ended()).toBe(1)
  return server.output
}

const MODES: [string, 'embedded' | 'server'][] = SERVER_URL
  ? [['--workers=2', 'server']]
  : [
      ['--no-reload', 'embedded'],
      ['--reload', 'embedded'],
    ]

describe.each(MODES)('runserver %s is refused in one line', (mode, kind) => {
  test('on a port in use, on an address that is not ours, and by a log folder that cannot be written', async () => {
    await using place = await servingPlace(kind)
    await using other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    expect(await refusal([mode, '--host', '127.0.0.1', '--port', String(port)], place.env)).toBe(
      `Error: HOST, PORT: cannot listen on 127.0.0.1:${port}: another program uses the port\n`,
    )
    expect(await refusal([mode, '--host', '192.0.2.1'], place.env)).toBe(
      'Error: HOST, PORT: cannot listen on 192.0.2.1:0: this machine has no such address\n',
    )
    expect(await refusal([mode], { ...place.env, LOG_DIR: '/dev/null/logs' })).toMatch(
      /^Error: LOG_DIR: cannot write \/dev\/null\/logs\/fastvue\.log: ENOTDIR.*\n$/,
    )
  }, 240_000)

  test('by a database that refuses the password', async () => {
    using place = serverFolder()
    const message = 'password authentication failed for user "anna"'
    const database = await refusingServer('28P01', message)
    expect(await refusal([mode], { ...place.env, DATABASE_URL: database.url })).toBe(
      `Error: Cannot connect to the database (DATABASE_URL): ${message}\n`,
    )
    database.close()
  })

  test.runIf(SERVER_URL)('by a database that is not there', async () => {
    using place = serverFolder()
    expect(await refusal([mode], { ...place.env, DATABASE_URL: urlOf('fastvue_nowhere') })).toBe(
      'Error: Cannot connect to the database (DATABASE_URL): database "fastvue_nowhere" does not exist\n',
    )
  })
})

describe('runserver', () => {
  test('refuses a host that is none in one line', async () => {
    await using place = await servingPlace('embedded')
    expect(await refusal(['--no-reload', '--host', 'not a host'], place.env)).toBe(
      'Error: HOST, PORT: cannot listen on not a host:0: this machine has no such address\n',
    )
  })

  test.skipIf(process.getuid?.() === 0)('refuses a port for which it lacks the right', async () => {
    await using place = await servingPlace('embedded')
    expect(await refusal(['--no-reload', '--port', '80'], place.env)).toBe(
      'Error: HOST, PORT: cannot listen on 0.0.0.0:80: ports below 1024 need more rights\n',
    )
  })
})

describe.each(MODES)('Ctrl-C in the middle of the start of runserver %s', (mode, kind) => {
  test('ends it without a word, and the next start is as any other', async () => {
    await using place = await servingPlace(kind)
    const owner = join(place.database, 'pid')
    rmSync(owner, { force: true })
    await using early = new Running(['manage.ts', 'runserver', mode], { env: place.env })
    const children = `/proc/${early.pid}/task/${early.pid}/children`
    const hasBegun = () => (kind === 'embedded' ? existsSync(owner) : readFileSync(children, 'utf8') !== '')
    await vi.waitFor(() => expect(hasBegun()).toBe(true), { timeout: 60_000, interval: 2 })
    early.signal('SIGINT')
    expect([0, 'SIGINT']).toContain(await early.ended())
    expect(early.output).toBe('')

    await using server = new Running(['manage.ts', 'runserver', mode], { env: place.env })
    await server.said(/Listening on/)
    server.signal('SIGINT')
    expect(await server.ended()).toBe(0)
  }, 240_000)

  test('when it is about to listen, ends it with 0', async () => {
    await using place = await servingPlace(kind)
    await using server = new Running(['manage.ts', 'runserver', mode], { env: place.env })
    const log = join(place.env.LOG_DIR, 'fastvue.log')
    await vi.waitFor(() => expect(existsSync(log)).toBe(true), { timeout: 60_000, interval: 2 })
    server.signal('SIGINT')
    expect(await server.ended()).toBe(0)
  })
})

import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { logInAt } from '../support/log-in-at.ts'
import { Running, serverFolder } from '../support/running.ts'
import { copyBaselineFolder } from '../support/temporary-folder.ts'
import { EMBEDDED, SERVER_URL, databaseName, maintain, urlOf } from '../support/server-databases.ts'

const START = ['manage.ts', 'start']

async function products(
  url: string,
  headers: Record<string, string>,
): Promise<{ total: number; items: { id: number }[] }> {
  const reply = await fetch(`${url}/api/v1/products`, { headers })
  return (await reply.json()) as { total: number; items: { id: number }[] }
}

/** Starts twice on an empty database, with a product deleted in between. */
async function startTwice(env: NodeJS.ProcessEnv) {
  await using first = new Running(START, { env })
  const [, url = ''] = await first.said(/Ready in [\d.]+ s: (http:\/\/localhost:\d+)/)
  const [, username = '', password = ''] = await first.said(/│ (\w+) +│ (\S+) +│ \w+ +│ superuser/)
  await first.said(/Next, in another terminal:\n {2}curl .*\n {2}\.\/manage showusers\n {2}\.\/manage shell\n/)
  const headers = await logInAt(url, username, password)
  const before = await products(url, headers)
  const gone = `${url}/api/v1/products/${before.items[0]?.id}`
  const deleted = await fetch(gone, { method: 'DELETE', headers })
  expect(deleted.status).toBe(204)
  first.signal('SIGTERM')
  expect(await first.ended()).toBe(0)

  await using second = new Running(START, { env })
  const [, again = ''] = await second.said(/Ready in [\d.]+ s: (http:\/\/localhost:\d+)/)
  await second.said(/The demo log-ins are in data\/demo\.json/)
  const after = await products(again, await logInAt(again, username, password))
  expect(after.total).toBe(before.total - 1)
  return { first: first.output, second: second.output }
}

async function refusal(running: Running): Promise<string> {
  expect(await running.ended()).toBe(1)
  return running.output
}

describe('start', () => {
  test.runIf(EMBEDDED)(
    'makes, migrates and fills the embedded database, and that once',
    async () => {
      using place = serverFolder()
      const said = await startTwice({ ...place.env, ENVIRONMENT: 'development' })
      expect(said.first).toMatch(
        /Database created: .*\n +Migrated: .*\n +Permissions.*\n +Demo data loaded: 3 companies/,
      )
      expect(said.second).toMatch(/Database opened: .*\n +Schema up to date .*\n +Permissions.*\n\nReady/)
      expect(said.first + said.second).not.toContain('Warning') // checks have nothing to say of a fresh set-up
    },
    240_000,
  )

  test.runIf(EMBEDDED)('refuses an embedded database that a server has open, naming it', async () => {
    using place = serverFolder()
    copyBaselineFolder(place.database)
    await using first = new Running(START, { env: place.env })
    await first.said(/Ready/)
    await using second = new Running(START, { env: place.env })
    expect(await refusal(second)).toMatch(
      new RegExp(`^FastVue .*\\nError: The embedded database .* is in use by process ${first.pid}; stop .*\\n$`),
    )
  })

  test.runIf(EMBEDDED)('in production makes nothing, and refuses what is not migrated', async () => {
    using place = serverFolder()
    const env = { ...place.env, ENVIRONMENT: 'production', DATABASE_URL: 'memory:' }
    await using server = new Running(START, { env })
    expect(await refusal(server)).toMatch(/lacks \d+ migrations: run \.\/manage migrate\n$/)
  })

  test.runIf(EMBEDDED)('in production makes no embedded database', async () => {
    using place = serverFolder()
    await using server = new Running(START, { env: { ...place.env, ENVIRONMENT: 'production' } })
    expect(await refusal(server)).toMatch(/\nError: There is no database in .*: run \.\/manage createdb, .*\n$/)
    expect(existsSync(place.database)).toBe(false)
  })

  test.runIf(EMBEDDED)('serves on the port of its flag', async () => {
    using place = serverFolder()
    copyBaselineFolder(place.database)
    const env = { ...place.env, PORT: '1' }
    await using server = new Running([...START, '--host', '127.0.0.1', '--port', '0'], { env })
    await server.said(/Ready in [\d.]+ s: http:\/\/127\.0\.0\.1:\d+/)
  })

  test.runIf(SERVER_URL)(
    'creates the database that a server does not have yet',
    async ({ onTestFinished }) => {
      using place = serverFolder()
      const name = `${databaseName('start')}_"quoted" name`
      onTestFinished(() =>
        maintain(`DROP DATABASE IF EXISTS "${name.replaceAll('"', '""')}" WITH (FORCE)`).then(() => {}),
      )
      const env = { ...place.env, DATABASE_URL: urlOf(encodeURIComponent(name)) }
      const said = await startTwice(env)
      expect(said.first).toContain('Database created: PostgreSQL fastvue_test_start_')
      expect(said.second).toContain('Database opened: PostgreSQL fastvue_test_start_')
    },
    240_000,
  )
})

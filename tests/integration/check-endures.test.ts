import { once } from 'node:events'
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, type Socket, createServer } from 'node:net'
import { join } from 'node:path'
import fc from 'fast-check'
import { type Settings, SettingsError } from '../../app/core/config.ts'
import { seal } from '../../app/core/sealing.ts'
import type { Engine } from '../../app/db/engine.ts'
import { totpSecrets, users } from '../../app/models/index.ts'
import { totpOwner } from '../../app/services/auth/two-factor-codes.ts'
import { areaOf } from '../../app/services/checks/check.ts'
import { CheckedDatabase } from '../../app/services/checks/checked-database.ts'
import { CHECKS } from '../../app/services/checks/index.ts'
import { systemContext } from '../../app/services/context.ts'
import { openServer } from '../../app/db/server.ts'
import { GOOD_KEY, goodProduction } from '../support/check-cases/case.ts'
import { manage } from '../support/command-line.ts'
import { describe, expect, test as base } from '../support/fixtures.ts'
import { mailServer } from '../support/mail-server.ts'
import { MIGRATIONS, rowsOf } from '../support/migrations.ts'
import { ownDatabase } from '../support/own-database.ts'
import { Proxy } from '../support/proxy.ts'
import { Running } from '../support/running.ts'
import { EMBEDDED, SERVER_URL, databaseName, maintain, urlOf } from '../support/server-databases.ts'

const test = base
  // A project's folder with nothing but the migrations.
  .extend('project', ({ folder }) => {
    cpSync(MIGRATIONS, join(folder, 'migrations'), { recursive: true })
    return folder
  })
  // Takes connections, and says nothing.
  .extend('silent', async ({}, { onCleanup }) => {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => void sockets.add(socket.on('error', () => {})))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    onCleanup(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    return `127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  // `./manage check` in the folder: what it says, and its exit code.
  .extend('checkIn', ({ project: folder }) => async (env: NodeJS.ProcessEnv, ...flags: string[]) => {
    const argv = ['tests/support/manage-in.ts', folder, 'check', ...flags]
    const given = { DATABASE_URL: 'postgres://127.0.0.1:1/shop', LOG_DIR: join(folder, 'logs'), ...env }
    await using process = new Running(argv, { env: given })
    return { code: await process.ended(), said: process.output.replaceAll(folder, 'FOLDER') }
  })

/** Its findings, each in its two lines, and how many checks there were: nothing else. */
const CLEAN = /^((WARNING|ERROR) \w+\.[WE]\d{3}: .+\n {2}\S.*\n)*\d+ checks?, .*\n$/

/** A server with one connection, on which nothing gets through any more. It can only be closed when nobody waits on it. */
async function silencedServer() {
  const url = new URL(SERVER_URL ?? '')
  const proxy = new Proxy({ host: url.hostname, port: Number(url.port || 5432) })
  await proxy.open()
  url.host = `127.0.0.1:${proxy.port}`
  const engine = openServer({ url: url.href, poolSize: 1 })
  ;(await engine.connect()).release()
  expect(proxy.swallow('fastvue')).toBe(1)
  return {
    engine,
    async [Symbol.asyncDispose]() {
      await engine.close()
      await proxy.close()
    },
  }
}

describe('check endures', () => {
  test.runIf(EMBEDDED)('others that take a connection and never answer', async ({ checkIn, silent }) => {
    const started = performance.now()
    const { code, said } = await checkIn(
      {
        DATABASE_URL: `postgres://user:hunter2@${silent}/shop`,
        REDIS_URL: `redis://user:hunter2@${silent}`,
        SMTP_URL: `smtp://user:hunter2@${silent}`,
        OIDC_ACME_ISSUER: `http://${silent}`,
        OIDC_ACME_CLIENT_ID: 'fastvue',
        OIDC_ACME_CLIENT_SECRET: 'hunter2',
      },
      '--deploy',
    )
    expect(performance.now() - started).toBeLessThan(25_000)
    expect(code).toBe(1)
    expect(said).toMatch(CLEAN)
    for (const id of ['database.E001', 'redis.E001', 'mail.E001', 'oauth.E001']) expect(said).toContain(`ERROR ${id}: `)
    expect(said).not.toContain('hunter2')
  })

  test.runIf(SERVER_URL)('a database server that falls silent after the log-in', async () => {
    await using server = await silencedServer()
    const { code, stdout, stderr } = await manage(['check'], { engine: server.engine })
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(stdout).toMatch(CLEAN)
    expect(stdout).toMatch(/ERROR database\.E001: PostgreSQL \w+ at 127\.0\.0\.1:\d+ does not answer\n/)
  })

  test.runIf(SERVER_URL)('one that falls silent meanwhile, without waiting for it each time', async ({ settings }) => {
    await using server = await silencedServer()
    const database = new CheckedDatabase(server.engine, settings)
    const started = performance.now()
    const asked = Array.from({ length: 20 }, () => database.rows('select'))
    const answers = await Promise.allSettled([...asked, database.trusted(async () => {})])
    expect(performance.now() - started).toBeLessThan(10_000)
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 'rejected'))
    expect(await rowsOf(server.engine, 'select 1 as one')).toEqual([{ one: 1 }]) // on a connection that is not that one
  })

  test.runIf(EMBEDDED)('a broken .env: every fault of it, and nothing is checked', async ({ checkIn, folder }) => {
    writeFileSync(join(folder, '.env'), 'PORT 8000\nLOG_LEVEL=LOUD\nSECRET_KEY=hush\n')
    expect(await checkIn({ TRUSTED_PROXIES: '0.0.0.0/0', SMTP_URL: 'smtp://user:hun#ter2@mail' })).toEqual({
      code: 1,
      said: expect.stringMatching(
        /^(Error: (\.env line 1|LOG_LEVEL|SECRET_KEY|TRUSTED_PROXIES|SMTP_URL): [^\n]+\n){5}$/,
      ),
    })
  })

  test.runIf(EMBEDDED).for<[string, (folder: string) => void, RegExp]>([
    ['an .env that is a folder', (folder) => mkdirSync(join(folder, '.env')), /^Error: \.env: cannot be read: EISDIR/],
    [
      'a key that is a folder',
      (folder) => mkdirSync(join(folder, 'var/secret.key'), { recursive: true }),
      /^Error: SECRET_KEY: not set, and FOLDER\/var\/secret\.key cannot be used: EISDIR/,
    ],
    [
      'migrations that are a file',
      (folder) => {
        rmSync(join(folder, 'migrations'), { recursive: true })
        writeFileSync(join(folder, 'migrations'), '')
      },
      /ERROR migrations\.E001: FOLDER\/migrations cannot be read: .*ENOTDIR.*\n {2}Bring it back/,
    ],
    [
      'a log folder that is a file',
      (folder) => writeFileSync(join(folder, 'logs'), ''),
      /ERROR files\.E001: FOLDER\/logs is not to be written to \(LOG_DIR\)\n/,
    ],
  ])('%s', async ([, spoil, expected], { project: folder, checkIn }) => {
    spoil(folder)
    const { code, said } = await checkIn({})
    expect(code).toBe(1)
    expect(said).toMatch(expected)
    expect(said).not.toMatch(/ {4}at /)
  })

  test('tables that it may not read', async () => {
    await using own = await ownDatabase({ sql: ['drop table users cascade'] })
    const { code, stdout, stderr } = await manage(['check', '--only', 'users'], { engine: own.engine })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^WARNING users\.W001: Cannot be told: .*users.*\n {2}\S.*\n1 check, 1 found\n$/)
  })
})

/** Everything but drizzle-kit, which knows no settings and takes a while. */
const AREAS = [...new Set(CHECKS.map(areaOf))].filter((area) => area !== 'migrations')

async function saidOf(env: NodeJS.ProcessEnv, ...flags: string[]): Promise<string> {
  try {
    const settings = goodProduction(env)
    const { stdout, stderr } = await manage(['check', '--deploy', '--only', ...AREAS, ...flags], { settings, env })
    return stdout + stderr
  } catch (error) {
    if (error instanceof SettingsError) return error.message
    throw error
  }
}

const letters = 'abcdefXYZ0189_-.~@:/?#[]!$&()*+,;=% é'.split('')
const anySecret = fc.string({ unit: fc.constantFrom(...letters), minLength: 8, maxLength: 24 })

test.runIf(EMBEDDED)(
  'no secret of a setting is ever said, however it is written',
  async () => {
    const property = fc.asyncProperty(anySecret, fc.boolean(), fc.boolean(), async (text, isEscaped, json) => {
      const password = isEscaped ? encodeURIComponent(text) : text
      const said = await saidOf(
        {
          SECRET_KEY: text.padEnd(32, text),
          SECRET_KEY_PREVIOUS: text.padEnd(33, text),
          DATABASE_URL: `postgres://user:${password}@127.0.0.1:1/shop`,
          REDIS_URL: `redis://user:${password}@127.0.0.1:1`,
          SMTP_URL: `smtp://user:${password}@127.0.0.1:1`,
          PUBLIC_URL: `http://user:${password}@api.example.com`,
          FRONTEND_URL: `http://user:${password}@app.example.com`,
          BACKEND_CORS_ORIGINS: `http://user:${encodeURIComponent(text)}@shop.example.com/`,
          GITHUB_CLIENT_ID: 'fastvue',
          GITHUB_CLIENT_SECRET: text,
          OIDC_ACME_ISSUER: 'http://127.0.0.1:1',
          OIDC_ACME_CLIENT_ID: 'fastvue',
          OIDC_ACME_CLIENT_SECRET: text,
          DATABSE_URL: text,
        },
        ...(json ? ['--json'] : []),
      )
      expect(said).not.toContain(text)
      expect(said).not.toContain(encodeURIComponent(text))
    })
    await fc.assert(property, { numRuns: 100 })
    // And that there was something to say.
    const said = await saidOf({
      REDIS_URL: 'redis://user:hunter2@127.0.0.1:1',
      SMTP_URL: 'smtp://u:hunter2@127.0.0.1:1',
    })
    expect(said).toMatch(
      /redis\.E001: Redis at 127\.0\.0\.1:1 .*\n(.*\n)*.*mail\.E001: The mail server 127\.0\.0\.1:1 /,
    )
  },
  240_000,
)

test.runIf(SERVER_URL)(
  'a good production on PostgreSQL shows nothing at all',
  async ({ project: folder, onTestFinished }) => {
    const [database, owner] = [databaseName('production'), databaseName('owner')]
    await maintain(`CREATE ROLE ${owner} LOGIN CREATEROLE PASSWORD 'x'`)
    await maintain(`CREATE DATABASE ${database} OWNER ${owner}`)
    onTestFinished(async () => {
      await maintain(`DROP DATABASE ${database} WITH (FORCE)`)
      await maintain(`DROP ROLE ${owner}`)
    })
    await using mail = await mailServer()
    const url = new URL(urlOf(database))
    Object.assign(url, { username: owner, password: 'x' })
    const settings = {
      ...goodProduction({
        DATABASE_URL: url.href,
        SMTP_URL: mail.url,
        LOG_DIR: join(folder, 'logs'),
        SILENCED_CHECKS: process.getuid?.() === 0 ? 'runtime.W001' : '', // whoever runs the tests
      }),
      directory: folder,
    }
    writeFileSync(join(folder, '.env'), `SECRET_KEY=${GOOD_KEY}\n`, { mode: 0o600 })
    expect(await manage(['migrate'], { settings })).toMatchObject({ code: 0 })
    const user = ['createsuperuser', '-u', 'root', '-e', 'root@example.com', '--no-input']
    expect(await manage(user, { settings, env: { FASTVUE_PASSWORD: 'correct horse' } })).toMatchObject({ code: 0 })
    const engine = openServer({ url: url.href, poolSize: 1 })
    await turnOnSecondFactor(engine, settings)
    await engine.close()
    const { code, stdout, stderr } = await manage(['check', '--deploy'], { settings })
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^\d+ checks, nothing found(; silenced: runtime\.W001)?\n$/),
      stderr: '',
    })
  },
)

const turnOnSecondFactor = (engine: Engine, settings: Settings) =>
  systemContext({ engine, settings, company_id: null }, async ({ db }) => {
    const [{ id } = { id: 0 }] = await db.select({ id: users.id }).from(users)
    const secret = seal('JBSWY3DPEHPK3PXP', totpOwner(id), settings)
    await db.insert(totpSecrets).values({ user_id: id, secret, enabled_at: new Date().toISOString() })
  })

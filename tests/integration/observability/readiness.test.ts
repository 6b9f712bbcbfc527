import { join } from 'node:path'
import { loadMigrations } from '../../../app/db/migration-files.ts'
import { readinessOf } from '../../../app/services/readiness.ts'
import { countingEngine } from '../../support/counting-engine.ts'
import { expect, test } from '../../support/fixtures.ts'
import { ownApp } from '../../support/own-app.ts'

const PUBLIC = { remoteAddress: '203.0.113.7' }

test('everybody is told whether the server is ready; how it is, who may read /metrics', async ({
  engine,
  settings,
  app,
}) => {
  const ready = { status: 'ready', checks: { database: 'ok', migrations: 'ok', redis: 'ok' } }
  expect((await app.inject({ url: '/health/ready', ...PUBLIC })).json()).toEqual(ready)
  const proxied = { url: '/health/ready', headers: { 'x-forwarded-for': '127.0.0.1' } }
  expect((await app.inject(proxied)).json()).toEqual(ready)
  expect((await app.inject('/health/ready')).json()).toEqual({
    ...ready,
    details: {
      version: settings.VERSION,
      uptime_seconds: expect.any(Number),
      latency_ms: { database: expect.any(Number), redis: settings.REDIS_URL ? expect.any(Number) : null },
      database: engine.load(),
      pending_migrations: [],
    },
  })
})

test('a migration that is missing is named, and counted to everybody', async ({ engine, settings }) => {
  const migrations = loadMigrations(join(settings.directory, 'migrations'))
  const later = { ...migrations.at(-1)!, name: '9999_of_a_later_version' }
  expect(await readinessOf({ engine, settings, migrations: [...migrations, later] })()).toMatchObject({
    checks: { database: 'ok', migrations: '1 pending' },
    pending_migrations: [later.name],
  })
})

test('a flood of questions is one to the database', async ({ engine, settings }) => {
  const { engine: counted, count } = countingEngine(engine)
  await using own = await ownApp({ engine: counted, settings })
  await own.app.ready()
  const before = count()
  await Promise.all(Array.from({ length: 50 }, () => own.app.inject('/health/ready')))
  const once = count() - before
  await Promise.all(Array.from({ length: 50 }, () => own.app.inject({ url: '/health/ready', ...PUBLIC })))
  expect(count() - before).toBe(once)
  expect(once).toBeLessThanOrEqual(2)
})

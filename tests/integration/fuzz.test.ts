import { inject } from 'vitest'
import { pino } from 'pino'
import { createApp } from '../../app/app.ts'
import { memoryCache } from '../../app/core/cache.ts'
import { test as base, expect } from '../support/fixtures.ts'
import { fuzz } from '../support/fuzz/fuzz.ts'
import { testSettings } from '../support/settings.ts'

// FUZZ_CALLS, FUZZ_SEED, FUZZ_KEEP_GOING: `npm run fuzz`, see docs/testing.md.
const CALLS = Number(process.env['FUZZ_CALLS'] ?? 10_000)
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000_000)
const keepGoing = process.env['FUZZ_KEEP_GOING'] === 'true'
const TIMEOUT_MS = 120_000 + CALLS * 60

/** Where no call can succeed: nobody to log in at, and a WebSocket, which `inject` does not speak. */
const NEVER_DONE = [
  'GET /api/v1/auth/oauth/{provider}/authorize',
  'GET /api/v1/auth/oauth/{provider}/callback',
  'POST /api/v1/auth/oauth/exchange',
  'DELETE /api/v1/auth/oauth-accounts/{id}',
  'GET /api/v1/ws',
]

const test = base.extend('parts', async ({ database, engine }, { onCleanup }) => {
  const settings = testSettings({ REGISTRATION_ENABLED: 'true', BODY_LIMIT_MB: '1' })
  const silent = pino({ level: 'silent' })
  const app = await createApp({ settings, engine, cache: memoryCache(60), logger: silent, security: silent })
  await app.ready()
  onCleanup(() => app.close())
  return { app, engine, settings, baseline: inject('baseline'), restore: () => database.restore() }
})

test(
  'whoever calls whatever, the reply is one that the document declares',
  { timeout: TIMEOUT_MS },
  async ({ parts }) => {
    const { figures, failures } = await fuzz(parts, { calls: CALLS, seed: SEED, keepGoing })
    if (process.env['FUZZ_CALLS']) process.stderr.write(`${figures.table()}\n${figures.toString()}; seed ${SEED}\n`)
    expect(failures.map(({ seed, fault, lines }) => [`FUZZ_SEED=${seed}: ${fault}`, ...lines].join('\n'))).toEqual([])
    // The calls must go on meaning something: logged in, permitted, about what is there.
    expect(figures.share(401)).toBeLessThan(0.15)
    expect(figures.share(2)).toBeGreaterThan(0.25)
    // Chance may leave out one or two.
    const never = figures.neverDone().filter((name) => !NEVER_DONE.includes(name))
    if (CALLS >= 10_000) expect(never.slice(2), never.join()).toEqual([])
  },
)

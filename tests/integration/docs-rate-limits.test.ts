import { readFileSync } from 'node:fs'
import Fastify from 'fastify'
import { z } from 'zod'
import { DEFAULT_ENDPOINT_LIMITS } from '../../app/core/rate-limits/endpoint-limits.ts'
import { MemoryLimiter } from '../../app/core/rate-limits/memory-limiter.ts'
import { rateLimiting } from '../../app/middleware/rate-limiting.ts'
import { examplesOf, runExample } from '../support/document-examples.ts'
import { describe, expect, test } from '../support/fixtures.ts'
import { limitedApp } from '../support/limited-app.ts'

const DOCUMENT = 'docs/rate-limits.md'
const text = readFileSync(DOCUMENT, 'utf8')

describe('docs/rate-limits.md', () => {
  test('has the default limits', ({ settings }) => {
    const rows = [...text.matchAll(/^\| (.+?) +\| (\d+) +\| (\d*) +\| (\d+) s +\|/gm)].map(([, ...cells]) => cells)
    const { RATE_LIMIT_PER_MINUTE, RATE_LIMIT_BURST, RATE_LIMIT_USER_PER_MINUTE, RATE_LIMIT_USER_BURST } = settings
    expect(
      rows.map(
        ([name = '', requests, burst, seconds]) =>
          `${name.replaceAll('`', '')}=${requests}/${seconds}${burst && ` +${burst}`}`,
      ),
    ).toEqual([
      `who is not logged in=${RATE_LIMIT_PER_MINUTE}/60 +${RATE_LIMIT_BURST}`,
      `users and their API keys=${RATE_LIMIT_USER_PER_MINUTE}/60 +${RATE_LIMIT_USER_BURST}`,
      ...DEFAULT_ENDPOINT_LIMITS,
    ])
  })

  test('shows how limits are put on', async ({ settings }) => {
    const app = Fastify()
    app.decorateRequest('principal', null as never)
    const [example = ''] = examplesOf(DOCUMENT, '# Rate limits')
    await runExample(example, { app, settings, rateLimiting, limiter: new MemoryLimiter() })
    app.post('/api/v1/auth/login', () => 'in')
    const reply = await app.inject({ method: 'POST', url: '/api/v1/auth/login' })
    expect(reply.headers).toMatchObject({ 'x-ratelimit-limit': '5', 'x-ratelimit-remaining': '4' })
    expect((await app.inject('/nowhere')).headers['x-ratelimit-limit']).toBe('60')
  })

  test('shows a setting that can be used', async ({ engine }) => {
    const [, value = ''] = /^RATE_LIMIT_ENDPOINTS=(.+)$/m.exec(text) ?? []
    await using app = await limitedApp(engine, { RATE_LIMIT_ENDPOINTS: value })
    expect(await app.statuses(1)).toEqual([404])
  })

  test('shows routes that say how they count', async ({ engine }) => {
    await using app = await limitedApp(engine, { RATE_LIMIT_ENDPOINTS: '' })
    const [example = ''] = examplesOf(DOCUMENT, 'Limits of endpoints')
    await runExample(example, { app: app.app, Invitation: z.object({ email: z.string() }) })
    const accept = { url: '/invitations/accept', method: 'POST', payload: { email: 'a@example.com' } } as const
    expect(await app.statuses(6, accept)).toEqual([200, 200, 200, 200, 200, 429])
    expect(await app.statuses(9, { url: '/ping' })).toEqual(Array.from({ length: 9 }, () => 200))
  })

  test('shows a limiter of one’s own', async () => {
    const [example = ''] = examplesOf(DOCUMENT, 'Limits of your own')
    expect(await runExample(example, {})).toMatchObject({ passed: [true, true, false, true], minutes: 61 })
  })
})

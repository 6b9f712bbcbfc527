import { jobs } from '../../../app/models/index.ts'
import { bearer, newProduct } from '../../support/caller.ts'
import { describe, expect, test } from '../../support/fixtures.ts'
import { valuesOf } from '../../support/metrics.ts'
import { ownApp } from '../../support/own-app.ts'

const REQUESTS = 'fastvue_http_requests_total'

describe('/metrics', () => {
  test('counts requests by the pattern of their route, and what is none as one', async ({
    engine,
    settings,
    testUser,
    authHeaders,
  }) => {
    await using own = await ownApp({ engine, settings })
    const headers = authHeaders(testUser)
    await own.app.inject({ method: 'POST', url: '/api/v1/products', headers, payload: newProduct })
    for (const id of [1, 2, 3]) await own.app.inject({ url: `/api/v1/products/${id}`, headers })
    for (const url of ['/nope', '/api/v1/nope?token=hush', '/%zz']) await own.app.inject(url)
    await own.app.inject({ method: 'PROPFIND' as 'GET', url: '/' })
    const reply = await own.app.inject('/metrics')
    expect(reply.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    const values = valuesOf(reply.body)
    expect(Object.fromEntries([...values].filter(([name]) => name.startsWith(REQUESTS)))).toEqual({
      [`${REQUESTS}{method="POST",route="/api/v1/products",status="201"}`]: 1,
      [`${REQUESTS}{method="GET",route="/api/v1/products/:id",status="404"}`]: 3,
      [`${REQUESTS}{method="GET",route="unmatched",status="404"}`]: 2,
      [`${REQUESTS}{method="GET",route="unmatched",status="400"}`]: 1,
      [`${REQUESTS}{method="OTHER",route="unmatched",status="404"}`]: 1,
    })
    expect(values.get('fastvue_http_requests_in_flight')).toBe(1) // this one
    expect(values.get('fastvue_errors_total{code="not_found"}')).toBe(6)
    const route = 'method="GET",route="/api/v1/products/:id"'
    expect(values.get(`fastvue_http_request_duration_seconds_bucket{${route},le="+Inf"}`)).toBe(3)
    expect(values.get(`fastvue_http_request_duration_seconds_count{${route}}`)).toBe(3)
    expect(values.get(`fastvue_http_request_duration_seconds_sum{${route}}`)).toBeGreaterThan(0)
    expect(reply.body).not.toMatch(/hush|nope|zz/)
  })

  test('tells of the database, the caches, live connections, the process and what runs', async ({
    engine,
    settings,
    testUser,
    authHeaders,
  }) => {
    await using own = await ownApp({ engine, settings })
    for (let n = 0; n < 2; n++) await own.app.inject({ url: '/api/v1/products', headers: authHeaders(testUser) })
    const values = valuesOf((await own.app.inject('/metrics')).body)
    const of = (name: string) => values.get(name)
    expect(of('fastvue_cache_requests_total{cache="principals",result="hit"}')).toBe(1)
    expect(of('fastvue_cache_requests_total{cache="principals",result="miss"}')).toBe(1)
    expect(of('fastvue_database_query_duration_seconds_count')).toBeGreaterThan(2)
    expect(
      of('fastvue_database_connections{state="used"}')! + of('fastvue_database_connections{state="idle"}')!,
    ).toBeGreaterThan(0)
    expect(of('fastvue_database_waiting')).toBe(0)
    expect(of('fastvue_live_connections{kind="socket"}')).toBe(0)
    expect(of('fastvue_live_connections{kind="stream"}')).toBe(0)
    expect(of('fastvue_workers{state="answered"}')).toBe(1)
    expect(of(`fastvue_build_info{version="${settings.VERSION}",node="${process.versions.node}"}`)).toBe(1)
    for (const name of ['process_resident_memory_bytes', 'nodejs_eventloop_lag_p99_seconds'])
      expect(of(name)).toBeGreaterThanOrEqual(0)
  })

  test('counts the jobs of the queue by name and state; names that are none of ours are one', async ({
    engine,
    settings,
    trusted,
  }) => {
    await trusted(({ db }) =>
      db
        .insert(jobs)
        .values([
          { name: 'mail.digest' },
          { name: 'mail.digest', locked_until: '2999-01-01T00:00:00Z' },
          { name: 'mail.digest', failed_at: '2026-01-01T00:00:00Z' },
          { name: 'of\na "later" version' },
          { name: 'of another one' },
        ]),
    )
    await using own = await ownApp({ engine, settings })
    const values = valuesOf((await own.app.inject('/metrics')).body)
    for (const state of ['waiting', 'running', 'failed'])
      expect(values.get(`fastvue_jobs{name="mail.digest",state="${state}"}`)).toBe(1)
    expect(values.get('fastvue_jobs{name="mail.notification",state="waiting"}')).toBe(0)
    expect(values.get('fastvue_jobs{name="other",state="waiting"}')).toBe(2)
  })

  test('counts what looks like an attack, by its kind', async ({ engine, settings }) => {
    await using own = await ownApp({ engine, settings: { ...settings, THREAT_DETECTION_ENABLED: true } })
    for (const id of [1, 2]) await own.app.inject(`/api/v1/products?q=${id}'+union+select+password+from+users--`)
    await own.app.inject('/api/v1/products?q=lamp')
    const values = valuesOf((await own.app.inject('/metrics')).body)
    expect([...values].filter(([name]) => name.startsWith('fastvue_threat'))).toEqual([
      ['fastvue_threat_findings_total{kind="sqli"}', 2],
    ])
  })

  test('of one application says nothing of another in the same process', async ({ engine, settings }) => {
    await using one = await ownApp({ engine, settings })
    await using two = await ownApp({ engine, settings })
    await one.app.inject('/health')
    const counted = `${REQUESTS}{method="GET",route="/health",status="200"}`
    expect(valuesOf((await one.app.inject('/metrics')).body).get(counted)).toBe(1)
    expect(valuesOf((await two.app.inject('/metrics')).body).get(counted)).toBeUndefined()
  })
})

describe('who may read /metrics', () => {
  const TOKEN = 'a token of the operator alone'

  test.for<[string, object, boolean]>([
    ['from this machine', {}, true],
    ['by IPv6', { remoteAddress: '::1', headers: { host: '[::1]:8000' } }, true],
    ['by IPv4 in IPv6', { remoteAddress: '::ffff:127.0.0.1', headers: { host: '127.0.0.1:8000' } }, true],
    ['from elsewhere', { remoteAddress: '203.0.113.7' }, false],
    ['from a private network', { remoteAddress: '10.0.0.1' }, false],
    ['from elsewhere in IPv6', { remoteAddress: '::ffff:10.0.0.1' }, false],
    ['by a name that leads here (DNS rebinding)', { headers: { host: 'evil.example.com' } }, false],
    ...[
      'X-Forwarded-For',
      'X-Forwarded-Proto',
      'Forwarded',
      'Via',
      'X-Real-IP',
      'CF-Connecting-IP',
      'True-Client-IP',
    ].map((name): [string, object, boolean] => [
      `by a proxy with ${name}`,
      { headers: { [name]: '127.0.0.1' } },
      false,
    ]),
  ])('without a token: %s', async ([, request, allowed], { app }) => {
    const reply = await app.inject({ url: '/metrics', ...request })
    expect(reply.statusCode).toBe(allowed ? 200 : 404)
  })

  test('with a token its bearer alone, from anywhere', async ({ engine, settings }) => {
    await using own = await ownApp({ engine, settings: { ...settings, METRICS_TOKEN: TOKEN } })
    const ask = async (headers: Record<string, string>, remoteAddress = '203.0.113.7') =>
      (await own.app.inject({ url: '/metrics', headers, remoteAddress })).statusCode
    expect(await ask(bearer(TOKEN))).toBe(200)
    expect(await ask({ ...bearer(TOKEN), 'x-forwarded-for': '198.51.100.1' })).toBe(200)
    for (const wrong of ['', TOKEN.slice(1), `${TOKEN} `, `${TOKEN}x`, TOKEN.toUpperCase()])
      expect(await ask(bearer(wrong))).toBe(404)
    expect(await ask({ authorization: TOKEN })).toBe(404)
    expect(await ask({}, '127.0.0.1')).toBe(404)
  })

  test('and whoever may not gets the answer of an address that is none, and its limits', async ({
    engine,
    settings,
  }) => {
    const limits = { RATE_LIMIT_ENABLED: true, RATE_LIMIT_PER_MINUTE: 2, RATE_LIMIT_BURST: 0 }
    await using own = await ownApp({ engine, settings: { ...settings, ...limits } })
    const ask = (url: string, remoteAddress: string) =>
      own.app.inject({ url, remoteAddress, headers: { 'x-request-id': 'same' } })
    for (const status of [404, 404, 429]) {
      const [closed, none] = [await ask('/metrics', '203.0.113.7'), await ask('/metricz', '203.0.113.8')]
      expect([closed.statusCode, none.statusCode]).toEqual([status, status])
      expect(closed.body).toBe(none.body)
      expect(Object.keys(closed.headers)).toEqual(Object.keys(none.headers))
    }
    for (let n = 0; n < 4; n++) expect((await ask('/metrics', '127.0.0.1')).statusCode).toBe(200)
  })
})

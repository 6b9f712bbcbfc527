import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import { rowsOf } from '../support/migrations.ts'
import { ask } from '../support/ask.ts'
import { REDIS_URL, startCluster } from '../support/cluster.ts'
import { EventStream } from '../support/event-stream.ts'
import { describe, expect, test as base } from '../support/fixtures.ts'
import { Lanes } from '../support/lanes.ts'
import { type Listener, dial } from '../support/live.ts'
import { NGINX, writeConfig } from '../support/nginx.ts'
import { SERVER_URL } from '../support/server-databases.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const [LIMIT, BURST] = [20, 5]
const LANES = 4
/** Ways to write the address of the metrics, for nginx or for FastVue. */
const METRICS = ['/metrics', '/metrics/', '/metrics?a=b', '/metrics#', '/%6detrics', '/metrics%2f', '/x/../metrics']
const HIDDEN = [...METRICS, '//metrics', '/./metrics']
// For machines that do much else at the same time.
const PATIENT = { timeout: 60_000, interval: 10 }
const LONG = { timeout: 240_000 }

const test = base.extend('cluster', { scope: 'file' }, async ({}, { onCleanup }) => {
  const cluster = await startCluster(2, {
    RATE_LIMIT_ENABLED: 'true',
    RATE_LIMIT_PER_MINUTE: String(LIMIT),
    RATE_LIMIT_BURST: String(BURST),
    RATE_LIMIT_USER_PER_MINUTE: '1000000',
    RATE_LIMIT_ENDPOINTS: '/auth/login=1000/300',
  })
  onCleanup(() => cluster[Symbol.asyncDispose]())
  return cluster
})

describe.runIf(NGINX && SERVER_URL && REDIS_URL)('two server processes behind nginx', () => {
  test('know a session, its renewal and its end together', async ({ cluster, testUser }) => {
    const visitor = await cluster.visitor().logIn(testUser)
    for (const n of [1, 2, 3, 4])
      expect((await visitor.get('/auth/me', { headers: { 'x-request-id': `turn-${n}` } })).status).toBe(200)
    expect(await cluster.servedBy('turn-')).toHaveLength(2)

    const { refresh_token } = visitor
    visitor.take(await visitor.post('/auth/refresh', { refresh_token }))
    expect(await cluster.everywhere(visitor, '/auth/me')).toEqual([200, 200])
    expect((await visitor.post('/auth/refresh', { refresh_token })).status).toBe(401)
    await expect.poll(() => cluster.everywhere(visitor, '/auth/me'), PATIENT).toEqual([401, 401])

    visitor.token = ''
    await visitor.logIn(testUser)
    expect(await cluster.everywhere(visitor, '/auth/me')).toEqual([200, 200])
    expect((await visitor.post('/auth/logout')).status).toBe(204)
    await expect.poll(() => cluster.everywhere(visitor, '/auth/me'), PATIENT).toEqual([401, 401])
  })

  test('take a role away together', async ({ cluster, adminUser, viewerUser, testCompany }) => {
    const viewer = await cluster.visitor().logIn(viewerUser)
    const admin = await cluster.visitor().logIn(adminUser)
    expect(await cluster.everywhere(viewer, '/products')).toEqual([200, 200])
    const taken = await admin.call('DELETE', `/users/${viewerUser.id}/companies/${testCompany.id}`)
    expect(taken.status).toBe(204)
    await expect.poll(() => cluster.everywhere(viewer, '/products'), PATIENT).toEqual([403, 403])
  })

  test('tell sockets and streams of each other’s events, and end them with their session', async ({
    cluster,
    testUser,
    adminUser,
  }) => {
    const { url, processes } = cluster
    const [reader, admin] = [await cluster.visitor().logIn(testUser), await cluster.visitor().logIn(adminUser)]
    const headers = { authorization: `Bearer ${reader.token}` }
    const connected = () => processes.map(({ log }) => log().split('live connection connected').length - 1)
    const before = connected()
    const sockets: Listener[] = []
    onTestFinished(() => sockets.forEach(({ socket }) => socket.terminate()))
    for (const _ of processes) {
      const socket = await dial({ url, token: reader.token })
      sockets.push(socket)
      await socket.hear('connection:established')
    }
    await vi.waitFor(() => expect(connected()).toEqual(before.map((count) => count + 1)), PATIENT)
    const over = new AbortController()
    onTestFinished(() => over.abort())
    const reply = await fetch(`${url}/api/v1/events`, { headers, signal: over.signal })
    const stream = new EventStream(reply.body!)
    expect(await stream.next()).toMatchObject({ event: 'connection:established' })

    const product = { name: 'Lamp', sku: crypto.randomUUID(), price: '1.00' }
    const { id: record_id } = (await admin.post('/products', product)).json()
    const message = { model_name: 'products', record_id, body: 'Have a look' }
    const written = await admin.post('/messages', message, { at: processes[0]!.url })
    const { id } = written.json()
    for (const socket of sockets) expect((await socket.hear('message:new')).data).toMatchObject({ id })
    await vi.waitFor(async () => expect(await stream.next()).toMatchObject({ event: 'message:new' }), PATIENT)

    expect((await reader.post('/auth/logout')).status).toBe(204)
    for (const socket of sockets) expect(await socket.closed()).toMatchObject({ code: 4401 })
    await vi.waitFor(async () => expect(await stream.next()).toMatchObject({ event: 'connection:closed' }), PATIENT)
  })

  test('see the address that the proxy sees, and none that a stranger claims', async ({ cluster, testUser }) => {
    const visitor = await cluster.visitor().logIn(testUser)
    const claim = '203.0.113.9'
    const claims = { 'x-forwarded-for': claim, 'x-real-ip': claim, forwarded: `for=${claim}` }
    const [through, past] = [`through-${crypto.randomUUID()}`, `past-${crypto.randomUUID()}`]
    await visitor.get('/products', { headers: { ...claims, 'x-request-id': through } })
    await visitor.get('/products', { at: cluster.processes[0]!.url, headers: { ...claims, 'x-request-id': past } })
    const lineOf = (id: string) =>
      cluster.processes
        .map(({ log }) => log())
        .join('')
        .split('\n')
        .find((line) => line.includes(id))
    for (const id of [through, past])
      await vi.waitFor(() => expect(JSON.parse(lineOf(id) ?? '{}')).toMatchObject({ ip: visitor.address }), PATIENT)
    expect(cluster.nginx.passed().find(({ request_id }) => request_id === through)?.ip).toBe(visitor.address)
  })

  test('share the limits of an address', async ({ cluster }) => {
    const [many, other] = [cluster.visitor(), cluster.visitor()]
    const replies = await Promise.all(
      Array.from({ length: LIMIT + BURST + 15 }, (_, n) =>
        many.get('/products', { headers: { 'x-forwarded-for': `203.0.113.${n}` } }),
      ),
    )
    expect(replies.filter(({ status }) => status === 401)).toHaveLength(LIMIT + BURST)
    const refused = replies.filter(({ status }) => status === 429)
    expect(refused).toHaveLength(15)
    expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThan(0)
    expect(await cluster.everywhere(many, '/products')).toEqual([429, 429])
    expect((await other.get('/products')).status).toBe(401)
  })

  test('refuse what is too large, in the same words', async ({ cluster, testUser }) => {
    const visitor = await cluster.visitor().logIn(testUser)
    for (const megabytes of [10.5, 11.5]) {
      const reply = await visitor.post('/products', { name: 'x'.repeat(megabytes * 1024 * 1024) })
      expect(reply.status).toBe(413)
      expect(reply.json()).toMatchObject({ code: 'body_too_large', request_id: reply.headers['x-request-id'] })
    }
  })

  test('give each request one id, on every reply and in both logs', async ({ cluster }) => {
    const visitor = cluster.visitor()
    const given = `given-${crypto.randomUUID()}`
    for (const [id, expected] of [
      [given, given],
      ['no id\tat all "', /^[0-9a-f]{32}$/],
    ] as const) {
      const reply = await visitor.get('/products', { headers: { 'x-request-id': id } })
      expect(reply.headers['x-request-id']).toMatch(expected)
      expect(reply.rawHeaders.filter((name) => name.toLowerCase() === 'x-request-id')).toHaveLength(1)
      expect(reply.json()['request_id']).toBe(reply.headers['x-request-id'])
    }
    expect(await cluster.servedBy(given)).toHaveLength(1)
  })

  test.for(HIDDEN)('keep %s from the world', async (path, { cluster }) => {
    const id = crypto.randomUUID()
    expect(await ask(`${cluster.url}${path}`, { headers: { 'x-request-id': id } })).toMatchObject({ status: 404 })
    const passed = () => cluster.nginx.passed().find(({ request_id }) => request_id === id)
    await vi.waitFor(() => expect(passed()).toMatchObject({ upstream: '' }), PATIENT)
  })

  test('lose no request that may be sent twice when one of them is killed', LONG, async ({ cluster, adminUser }) => {
    const admin = await cluster.visitor().logIn(adminUser)
    const query = `?token=${admin.token}`
    const lanes = new Lanes(cluster.url, { authorization: `Bearer ${admin.token}` }, LANES)
    await answered(lanes, 50)
    cluster.processes[0]!.running.signal('SIGKILL')
    expect(await cluster.processes[0]!.running.ended()).toBe('SIGKILL')
    await answered(lanes, 100)
    // Of a socket that the dead one does not take nginx would tell in its log of errors.
    const goneOn = () => cluster.nginx.passed().find(({ path, upstream }) => /ws/.test(path) && upstream.includes(','))
    await vi.waitFor(async () => {
      const { socket } = await dial({ url: cluster.url, query })
      socket.terminate()
      expect(goneOn()).toBeDefined()
    }, PATIENT)
    await cluster.restart(0)
    const { lost, refused } = await lanes.stop()
    expect({ lost: lost.filter((what) => !what.startsWith('POST: 503')), refused }).toEqual({ lost: [], refused: 0 })
    expect(cluster.nginx.written()).not.toContain(admin.token)
  })

  test('lose no request at all while one after the other is replaced', LONG, async ({ cluster, adminUser }) => {
    const admin = await cluster.visitor().logIn(adminUser)
    const count = async () => Number((await rowsOf(cluster.engine, 'select count(*) from products'))[0]?.['count'])
    const before = await count()
    const lanes = new Lanes(cluster.url, { authorization: `Bearer ${admin.token}` }, LANES)
    for (const [number, { running }] of cluster.processes.entries()) {
      await answered(lanes, 50)
      running.signal('SIGTERM')
      await cluster.restart(number)
    }
    await answered(lanes, 50)
    const traffic = await lanes.stop()
    expect(traffic).toMatchObject({ answered: traffic.sent, refused: 0, lost: [] })
    expect(await count()).toBe(before + traffic.created)
  })
})

/** Waits until so many more requests have been answered. */
async function answered({ traffic }: Lanes, count: number): Promise<void> {
  const enough = traffic.answered + count
  await vi.waitFor(() => expect(traffic.answered).toBeGreaterThan(enough), PATIENT)
}

test.runIf(NGINX)('the lines for TLS are ones that nginx takes', () => {
  const { path: folder, remove } = temporaryFolder()
  onTestFinished(remove)
  const [key, certificate] = ['privkey.pem', 'fullchain.pem'].map((name) => join(folder, name)) as [string, string]
  const self = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=x']
  execFileSync('openssl', [...self, '-keyout', key, '-out', certificate], { stdio: 'ignore' })
  const change = (site: string) => {
    expect(site.match(/#tls /g)?.length).toBeGreaterThan(5)
    return site.replaceAll('#tls ', '').replaceAll('/etc/nginx/tls', folder).replace('listen 443', 'listen 20443')
  }
  const config = writeConfig(folder, { port: 20_080, upstreams: [20_000, 20_001], change })
  execFileSync(NGINX ?? '', ['-t', '-q', '-p', folder, '-c', config, '-e', 'stderr'], { stdio: 'pipe' })
})

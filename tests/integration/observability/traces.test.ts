import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import manifest from '../../../package.json' with { type: 'json' }
import { LoopbackServer } from '../../support/loopback-server.ts'
import { mailServer } from '../../support/mail-server.ts'
import type { LogLine } from '../../support/own-app.ts'
import { type Span, attributesOf, otlpReceiver } from '../../support/otlp-receiver.ts'
import { PASSWORD } from '../../support/password.ts'
import { Running, serverFolder } from '../../support/running.ts'
import { copyBaselineFolder } from '../../support/temporary-folder.ts'

/** Has a process say at its end how many of OpenTelemetry's modules it has loaded. They are CommonJS. */
const TELLING = `data:text/javascript,import { createRequire } from 'node:module'
process.on('exit', () => console.log('loaded', Object.keys(createRequire('/x').cache).filter((p) => /@opentelemetry|@fastify.otel/.test(p)).length))`

interface Reply {
  access_token: string
  user: { id: number; email: string }
  items: object[]
}

/** A server that is told where to send traces, the API as its callers see it, and its log. */
async function serving(env: NodeJS.ProcessEnv) {
  const stack = new AsyncDisposableStack()
  const place = stack.use(serverFolder())
  copyBaselineFolder(place.database)
  const argv = ['--import', TELLING.replaceAll('\n', ';').replaceAll(' ', '%20'), 'main.ts']
  const server = stack.use(new Running(argv, { env: { ...place.env, ...env } }))
  const url = await server.url()
  const call = async (method: string, path: string, body?: object, headers: Record<string, string> = {}) => {
    const own = { connection: 'close', ...(body && { 'content-type': 'application/json' }) } // a stop waits for idle ones
    const reply = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { ...own, ...headers },
      body: body && JSON.stringify(body),
    })
    return {
      status: reply.status,
      body: (reply.status === 204 ? {} : await reply.json()) as Reply,
    }
  }
  const log = () =>
    readFileSync(join(place.path, 'logs', 'fastvue.log'), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as LogLine)
  return { server, url, call, log, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

test('without a collector nothing of OpenTelemetry is loaded', async () => {
  await using running = await serving({})
  expect((await running.call('GET', '/products')).status).toBe(401)
  running.server.signal('SIGTERM')
  expect(await running.server.ended()).toBe(0)
  expect(running.server.output).toContain('loaded 0')
})

describe('one request id, and one trace,', () => {
  const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
  const PARENT = '00f067aa0ba902b7'
  const traceparent = `00-${TRACE}-${PARENT}-01`
  const HUSH = 'hush-hush-hush'

  test('go through log, errors, activity, jobs and spans; no secret does', async () => {
    await using collector = await otlpReceiver()
    await using smtp = await mailServer()
    await using running = await serving({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, SMTP_URL: smtp.url })
    const { call } = running
    const logIn = (username: string, headers = {}) =>
      call('POST', `/auth/login?token=${HUSH}`, { username, password: PASSWORD }, headers)
    const session = async (username: string) => {
      const { access_token, user } = (await logIn(username)).body
      return { user, headers: { authorization: `Bearer ${access_token}` } }
    }

    await logIn('admin', { traceparent, 'x-request-id': 'log-in' })
    const { headers: asAdmin } = await session('admin')
    const { user: viewer, headers: asViewer } = await session('viewer')
    const channels = { notification: { in_app: true, email: true } }
    await call('PUT', '/notifications/preferences', { channels }, asViewer)
    const sent = { user_ids: [viewer.id], title: 'Look' }
    const notified = await call('POST', '/notifications', sent, { ...asAdmin, 'x-request-id': 'sent' })
    expect(notified.status).toBe(201)
    const missing = await call('GET', '/products/999', undefined, { ...asAdmin, 'x-request-id': 'missing' })
    expect(missing).toMatchObject({ status: 404, body: { request_id: 'missing' } })
    const activity = await call('GET', '/activity-logs?action=login&request_id=log-in', undefined, asAdmin)
    expect(activity.body.items).toMatchObject([{ action: 'login', request_id: 'log-in' }])
    await vi.waitFor(() => expect(running.log().filter(({ job }) => job)).toHaveLength(1), 60_000)
    expect(smtp.deliveries).toHaveLength(1)
    running.server.signal('SIGTERM')
    expect(await running.server.ended()).toBe(0)
    expect(running.server.output).toMatch(/loaded [1-9]/)

    // The log.
    const line = (id: string, msg: string) => running.log().find((l) => l['request_id'] === id && l.msg === msg)
    expect(line('log-in', 'request')).toMatchObject({ path: '/api/v1/auth/login', trace_id: TRACE })
    expect(line('missing', 'request')).toMatchObject({ status: 404, trace_id: expect.stringMatching(/^[0-9a-f]{32}$/) })
    expect(line('sent', 'job done')).toMatchObject({ job: 'mail.notification' })

    // The spans: all were sent before the end.
    const spans = collector.spans()
    expect(collector.resource()).toMatchObject({ 'service.name': 'fastvue', 'service.version': manifest.version })
    const ofTrace = spans.filter(({ traceId }) => traceId === TRACE)
    const request = ofTrace.find(({ parentSpanId }) => parentSpanId === PARENT)!
    expect(request.name).toBe('POST /api/v1/auth/login')
    expect(attributesOf(request)).toMatchObject({
      'url.path': '/api/v1/auth/login',
      'http.response.status_code': 200,
      'fastvue.request_id': 'log-in',
    })
    const children = ofTrace.filter(({ parentSpanId }) => parentSpanId === request.spanId).map(({ name }) => name)
    expect(children).toEqual(expect.arrayContaining([expect.stringMatching(/^SELECT users/), 'COMMIT']))
    const named = (name: string): Span[] => spans.filter((span) => span.name === name)
    const [job] = named('job mail.notification')
    expect(attributesOf(job!)).toMatchObject({ 'fastvue.request_id': 'sent' })
    expect(spans.filter(({ parentSpanId }) => parentSpanId === job!.spanId)).not.toEqual([])
    // Nothing is outside of a request or a job.
    const roots = spans.filter(({ parentSpanId }) => !parentSpanId).map(({ name }) => name)
    expect(roots.filter((name) => !/^(GET|POST|PUT|job) /.test(name))).toEqual([])
    for (const secret of [HUSH, PASSWORD, viewer.email, 'Bearer', asAdmin.authorization.slice(7, 40)])
      expect(collector.text()).not.toContain(secret)
    expect(spans.flatMap(({ events, status }) => [...events, status.message ?? []].flat())).toEqual([])
  }, 240_000)
})

test('a collector that takes connections and never answers holds up no request, and a stop only for a moment', async ({
  onTestFinished,
}) => {
  const silent = new LoopbackServer()
  const asked = Promise.withResolvers<void>()
  silent.answerWith(() => asked.resolve())
  await silent.open()
  onTestFinished(() => silent.close())
  await using running = await serving({ OTEL_EXPORTER_OTLP_ENDPOINT: silent.url, OTEL_BSP_SCHEDULE_DELAY: '100' })
  expect((await running.call('GET', '/products')).status).toBe(401)
  await asked.promise
  for (let n = 0; n < 3; n++) expect((await running.call('GET', '/products')).status).toBe(401)
  running.server.signal('SIGTERM')
  expect(await running.server.ended()).toBe(0)
  expect(running.log().filter(({ msg }) => msg === 'traces cannot be sent')).toHaveLength(1)
})

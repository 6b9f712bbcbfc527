import { inject as provided } from 'vitest'
import type { App } from '../../app/api/http/type-provider.ts'
import { expect, test } from '../support/fixtures.ts'
import { SECRET } from '../support/attack.ts'
import { fuzz } from '../support/fuzz/fuzz.ts'

type Reply = Awaited<ReturnType<App['inject']>>
interface Changes {
  statusCode?: number
  headers?: Record<string, unknown>
  body?: string
}

/** The application behind something that changes its replies. */
function behind(app: App, spoil: (reply: Reply, asked: { url: string; method: string }) => Changes | undefined): App {
  const inject = async (asked: { url: string; method: string }) => {
    const reply = await app.inject(asked as never)
    const changes = spoil(reply, asked)
    if (!changes) return reply
    const { statusCode = reply.statusCode, headers, body = reply.body } = changes
    return { statusCode, headers: { ...reply.headers, ...headers }, body, json: () => JSON.parse(body) as unknown }
  }
  return Object.create(app, { inject: { value: inject } }) as App
}

const isList = ({ statusCode }: Reply, { url, method }: { url: string; method: string }) =>
  statusCode === 200 && method === 'GET' && url.startsWith('/api/v1/products')

test.for<[what: string, fault: RegExp, spoil: Parameters<typeof behind>[1]]>([
  [
    'a field of another type',
    /does not match its schema/,
    (reply, asked) =>
      isList(reply, asked)
        ? { body: reply.body.replaceAll(/"name":"[^"]*"/g, '"name":1').replace(/"total":\d+/, '"total":"1"') }
        : undefined,
  ],
  [
    'a status that is not declared',
    /answers 418, which the document does not declare/,
    (reply) => (reply.statusCode === 404 ? { statusCode: 418 } : undefined),
  ],
  ['a 500', /answers 500/, (reply) => (reply.statusCode === 415 ? { statusCode: 500 } : undefined)],
  [
    'a header that is missing',
    /x-frame-options is undefined/,
    (reply) => (reply.statusCode === 201 ? { headers: { 'x-frame-options': undefined } } : undefined),
  ],
  [
    'a stack',
    /shows an inside/,
    (reply) =>
      reply.statusCode === 403
        ? { body: reply.body.replace('"detail":"', '"detail":"at list (/srv/app/services/base.ts:12:3)') }
        : undefined,
  ],
  [
    'what is another company’s',
    /shows what is the other company’s/,
    (reply) =>
      reply.statusCode === 404 ? { body: reply.body.replace('"detail":"', `"detail":"${SECRET} `) } : undefined,
  ],
  [
    'an error without its request',
    /request_id is not the header’s/,
    (reply) =>
      reply.statusCode === 401 ? { body: reply.body.replace(/"request_id":"[^"]*"/, '"request_id":"x"') } : undefined,
  ],
])('the fuzzer sees %s', async ([, fault, spoil], { app, database, engine, settings }) => {
  const restore = () => database.restore()
  const parts = { app: behind(app, spoil), engine, settings, baseline: provided('baseline'), restore }
  const { failures, figures } = await fuzz(parts, { calls: 500, seed: 1 })
  expect(failures[0]?.fault).toMatch(fault)
  expect(failures[0]!.lines.at(-1)).toMatch(/^curl -X /)
  // The calls before it that it does not need are left out.
  expect(failures[0]!.lines.length).toBeLessThanOrEqual(Math.min(figures.calls, 5))
})

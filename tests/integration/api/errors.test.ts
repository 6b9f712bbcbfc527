import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { AppError, ERRORS, type ErrorCode } from '../../../app/core/errors.ts'
import { openServer } from '../../../app/db/server.ts'
import { callerOf, newProduct } from '../../support/caller.ts'
import { describe, expect, test } from '../../support/fixtures.ts'
import { ownApp } from '../../support/own-app.ts'

const SECRET = 'postgres://user:secret@db/internals'

/** Errors from inside, as libraries throw them. */
const INSIDE: Record<string, () => unknown> = {
  'an error': () => new Error(SECRET),
  'an error with a status of its own': () => Object.assign(new Error(SECRET), { statusCode: 502 }),
  'an error that wraps another': () => new Error('outer', { cause: new Error(SECRET) }),
  'a text': () => SECRET,
  'nothing at all': () => undefined,
}

describe('an error', () => {
  test.for(Object.entries(ERRORS))(
    '%s has its status and the one shape',
    async ([code, [status, message]], { engine, settings }) => {
      await using own = await ownApp({ engine, settings })
      own.app.get('/api/v1/fails', () => Promise.reject(new AppError(code as ErrorCode)))
      const reply = await callerOf(own.app).get('/fails')
      expect(reply.statusCode).toBe(status)
      expect(reply.json()).toEqual({ detail: message, code, request_id: reply.headers['x-request-id'] })
      expect(reply.headers['content-type']).toBe('application/json; charset=utf-8')
      expect(reply.headers['www-authenticate']).toBe(status === 401 ? 'Bearer' : undefined)
      expect(reply.headers['retry-after']).toBe(status === 503 ? '1' : undefined)
    },
  )

  test.for(Object.entries(INSIDE))(
    'from inside is a 500 that tells nothing, while the log tells all: %s',
    async ([name, make], { engine, settings }) => {
      await using own = await ownApp({ engine, settings })
      own.app.get('/api/v1/fails', () => Promise.reject(make() as Error))
      const reply = await callerOf(own.app).get('/fails')
      const request_id = reply.headers['x-request-id']
      expect(reply.statusCode).toBe(500)
      expect(reply.json()).toEqual({ detail: 'Internal server error', code: 'internal_error', request_id })
      const line = own.lines().find(({ msg }) => msg === 'request failed')
      expect(line).toMatchObject({ level: 50, request_id })
      if (name !== 'nothing at all') expect(JSON.stringify(line)).toContain(SECRET)
    },
  )

  test('of a reply that breaks its own schema is a 500, and shows none of it', async ({ engine, settings }) => {
    await using own = await ownApp({ engine, settings })
    const schema = { response: { 200: z.object({ total: z.int() }) } }
    own.app.get('/api/v1/fails', { schema }, () => ({ total: SECRET }) as never)
    const reply = await callerOf(own.app).get('/fails')
    expect(reply.statusCode).toBe(500)
    expect(reply.body).not.toContain('secret')
  })

  test('of a database that cannot be reached is 503, everywhere but where none is needed', async ({
    settings,
    authHeaders,
    testUser,
  }) => {
    const engine = openServer({ url: 'postgres://nobody:secret@127.0.0.1:1/none', poolSize: 1 })
    await using own = await ownApp({ engine, settings })
    const caller = callerOf(own.app, authHeaders(testUser))
    const login = { username: 'manager', password: 'x' }
    for (const call of [
      caller.get('/products'),
      caller.post('/products', newProduct),
      caller.post('/auth/login', login),
    ]) {
      const reply = await call
      expect(reply.json()).toMatchObject({ code: 'database_unavailable', detail: 'The database cannot be reached' })
      expect(reply.headers['retry-after']).toBe('1')
    }
    expect((await own.app.inject('/health')).json()).toEqual({ status: 'healthy' })
    const ready = await own.app.inject('/health/ready')
    expect([ready.statusCode, ready.json().checks.database]).toEqual([503, 'unreachable'])
    await engine.close()
  })

  test.for([
    '/nope',
    '/api/v1/nope',
    '/api/v1/products/1/nope',
    '/api/v1/docs/../../../etc/passwd',
    `/api/v1/products/${'1'.repeat(90)}/x`,
  ])('of an address that is none: %s', async (url, { app }) => {
    const reply = await app.inject(url)
    expect([reply.statusCode, reply.json().code]).toEqual([404, 'not_found'])
  })

  test.for([`/api/v1/products/%zz`, '/%', `/api/v1/products/${'1'.repeat(200)}`])(
    'of an address that cannot be read: %s',
    async (url, { app }) => {
      const reply = await app.inject(url)
      expect(reply.statusCode).toBe(400)
      expect(reply.json()).toMatchObject({ code: 'bad_request', request_id: reply.headers['x-request-id'] })
      expect(reply.headers['content-security-policy']).toContain("default-src 'none'")
    },
  )
})

describe('an address', () => {
  const LONG = `/api/v1/products?q=${'x'.repeat(8200)}`
  const MANY = `/api/v1/products?${'a&'.repeat(101)}`
  test.for([LONG, MANY, `/nowhere?${'a=1&'.repeat(101)}`])('that is too long is refused', async (url, { app }) => {
    const reply = await app.inject(url)
    expect([reply.statusCode, reply.json().code]).toEqual([414, 'uri_too_long'])
  })

  test('is read up to there', async ({ app, as, testUser }) => {
    expect((await app.inject(`/health?name=${'x'.repeat(8000)}`)).statusCode).toBe(200)
    const unknown = await as(testUser).get(
      `/products?${Array.from({ length: 100 }, (_, n) => `unknown_${n}=1`).join('&')}`,
    )
    expect(unknown.json().detail).toHaveLength(100)
  })
})

test('docs/errors.md lists exactly the codes there are, with their statuses', () => {
  const text = readFileSync('docs/errors.md', 'utf8')
  const rows = [...text.matchAll(/^\| `(\w+)`\s*\| (\d+)/gm)].map(([, code, status]) => [code, Number(status)])
  expect(rows).toEqual(Object.entries(ERRORS).map(([code, [status]]) => [code, status]))
})

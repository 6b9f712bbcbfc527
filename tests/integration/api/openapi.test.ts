import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { App } from '../../../app/api/http/type-provider.ts'
import { describe, expect, test } from '../../support/fixtures.ts'
import { EMBEDDED } from '../../support/server-databases.ts'

interface Document {
  openapi: string
  paths: Record<string, Record<string, { operationId: string; security: object[]; responses: Record<string, unknown> }>>
}

interface Described {
  headers: Record<string, unknown>
  content: Record<string, { schema: unknown }>
}

/** Every operation of the document, as `GET /api/v1/products/{id}`. */
const operationsOf = ({ paths }: Document) =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, ...operation })),
  )

/** Every route that the router knows, from the tree it prints. */
function routesOf(app: App): string[] {
  const path: string[] = []
  const lines = app.printRoutes({ commonPrefix: false }).split('\n')
  return lines.flatMap((line) => {
    const [, indent = '', part = '', methods = ''] = /^([│├└─ ]*)(\S+)(?: \(([A-Z, ]+)\))?/.exec(line) ?? []
    path.splice(indent.length / 4 - 1, Infinity, part)
    const url = path.join('').replaceAll(/:(\w+)/g, '{$1}')
    return methods.split(', ').flatMap((method) => (method && method !== 'HEAD' ? [`${method} ${url}`] : []))
  })
}

describe('the OpenAPI document', () => {
  test.runIf(EMBEDDED)('has neither an error nor a warning of Redocly’s recommended rules', async ({ app, folder }) => {
    const file = join(folder, 'openapi.json')
    writeFileSync(file, (await app.inject('/api/v1/openapi.json')).body)
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
    const redocly = join('node_modules', '.bin', 'redocly')
    const lint = promisify(execFile)(redocly, ['lint', file, '--extends=recommended', '--format=json'], { env })
    const { problems } = JSON.parse((await lint).stdout) as { problems: object[] }
    expect(problems).toEqual([])
  })

  test('names each operation, and each differently', async ({ app }) => {
    const document = (await app.inject('/api/v1/openapi.json')).json<Document>()
    const ids = operationsOf(document).map(({ operationId }) => operationId)
    expect(document.openapi).toMatch(/^3\.1/)
    expect(ids).toContain('get_products_id')
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(/^[a-z][a-z0-9_]*$/)
  })

  test('has every route but its own pages', async ({ app }) => {
    const documented = operationsOf((await app.inject('/api/v1/openapi.json')).json<Document>()).map(({ name }) => name)
    const own = /^GET \/api\/v1\/(openapi\.json|docs|redoc)/
    expect(new Set(routesOf(app).filter((route) => !own.test(route)))).toEqual(new Set(documented))
  })

  test('says which routes need a log-in and what each can answer', async ({ app }) => {
    const document = (await app.inject('/api/v1/openapi.json')).json<Document>()
    const get = document.paths['/api/v1/products/{id}']!['get']!
    expect(get.security).toEqual([{ bearer: [] }, { password: [] }])
    expect(Object.keys(get.responses)).toEqual(['200', '400', '401', '403', '404', '414', '422', '429', '431', '503'])
    expect(document.paths['/api/v1/auth/login']!['post']!.security).toEqual([])
  })

  test.for([
    [
      'delete',
      '/roles/{id}',
      '400 is a rule against it, 415 a body where none is read',
      ['204', '400', '401', '403', '404', '409', '413', '414', '415', '422', '429', '431', '503'],
    ],
    ['get', '/inbox/stats', '403 is another company', ['200', '401', '403', '414', '422', '429', '431', '503']],
    [
      'get',
      '/messages',
      '404 is a record that the caller does not see',
      ['200', '401', '403', '404', '414', '422', '429', '431', '503'],
    ],
    [
      'post',
      '/auth/forgot-password',
      '401 is nothing that it could say',
      ['202', '400', '403', '413', '414', '415', '422', '429', '431', '503'],
    ],
    [
      'post',
      '/auth/2fa/setup',
      '400 is a second factor that is on already',
      ['200', '400', '401', '403', '409', '413', '414', '415', '422', '429', '431', '503'],
    ],
  ] as const)('of %s %s declares every status: %s', async ([method, path, , statuses], { app }) => {
    const { paths } = (await app.inject('/api/v1/openapi.json')).json<Document>()
    expect(Object.keys(paths[`/api/v1${path}`]![method]!.responses)).toEqual(statuses)
  })

  test('tells of the metrics that who may not see them finds nothing, and that an error there is JSON', async ({
    app,
  }) => {
    const { paths } = (await app.inject('/api/v1/openapi.json')).json<Document>()
    const replies = paths['/metrics']!['get']!.responses as Record<string, Described>
    expect(Object.entries(replies).map(([status, { content }]) => [status, Object.keys(content)])).toEqual([
      ['200', ['text/plain']],
      ['404', ['application/json']],
      ['414', ['application/json']],
      ['431', ['application/json']],
    ])
  })

  test('says what an error carries besides its body, and that it is JSON also where replies are not', async ({
    app,
  }) => {
    const { paths } = (await app.inject('/api/v1/openapi.json')).json<Document>()
    const { 401: unknown, 429: limited } = paths['/api/v1/events']!['get']!.responses as Record<string, Described>
    expect(Object.keys(unknown!.content)).toEqual(['application/json'])
    expect(Object.keys(unknown!.headers)).toEqual(['WWW-Authenticate'])
    expect(Object.keys(limited!.headers)).toEqual([
      'Retry-After',
      'X-RateLimit-Limit',
      'X-RateLimit-Remaining',
      'X-RateLimit-Reset',
    ])
  })

  test('has two shapes of a 422 where an Idempotency-Key is read: one is about the key', async ({ app }) => {
    const { paths } = (await app.inject('/api/v1/openapi.json')).json<Document>()
    const schemaOf = (path: string) =>
      (paths[path]!['post']!.responses as Record<string, Described>)['422']!.content['application/json']!.schema
    const [many, one] = [{ $ref: '#/components/schemas/ValidationError' }, { $ref: '#/components/schemas/Error' }]
    expect(schemaOf('/api/v1/products')).toEqual({ anyOf: [many, one] })
    expect(schemaOf('/api/v1/auth/api-keys')).toEqual({ anyOf: [many, one] })
    expect(schemaOf('/api/v1/auth/logout')).toEqual(many)
    expect(schemaOf('/api/v1/auth/login')).toEqual(many)
  })
})

describe('the documentation pages', () => {
  test.for(['/api/v1/docs', '/api/v1/redoc', '/api/v1/docs/', '/api/v1/redoc/'])(
    '%s and all it loads come from here, and may come from nowhere else',
    async (url, { app }) => {
      const page = await app.inject(url)
      expect(page.statusCode).toBe(200)
      expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
      expect(page.body).not.toMatch(/https?:\/\//)
      expect(page.body).not.toMatch(/<script>|\son\w+=/) // the policy allows no script in the page itself
      const csp = String(page.headers['content-security-policy'])
      expect(csp).toContain("default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'")
      expect(csp).not.toContain('http')
      const loaded = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(
        ([, path]) => new URL(path!, `http://here${url}`).pathname,
      )
      expect(loaded.length).toBeGreaterThan(0)
      for (const path of loaded) {
        const file = await app.inject(path)
        expect([path, file.statusCode]).toEqual([path, 200])
        expect(file.headers['content-type']).toMatch(path.endsWith('.js') ? 'text/javascript' : /text\/css|image\/png/)
      }
    },
  )

  test('start with our own document', async ({ app }) => {
    const start = await app.inject('/api/v1/docs/start.js')
    expect(start.body).toContain("url: '/api/v1/openapi.json'")
    expect(start.body).not.toMatch(/https?:\/\//)
    expect((await app.inject('/api/v1/redoc')).body).toContain('spec-url="/api/v1/openapi.json"')
  })
})

import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { requireRoles } from '../../app/api/deps/auth.ts'
import { type RouteRow, rowsOf } from '../../app/management/routes/route-row.ts'
import { manage } from '../support/command-line.ts'
import { describe, expect, test } from '../support/fixtures.ts'
import { ownApp } from '../support/own-app.ts'
import { testSettings } from '../support/settings.ts'

const root = resolve(import.meta.dirname, '../..')

// A database that is not there, and nothing where it would be: whoever asked it would fail.
const settings = testSettings({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', REDIS_URL: 'redis://127.0.0.1:1' })

describe('routes', () => {
  test('lists what the OpenAPI document has, and the pages around it', async ({ app }) => {
    const { stdout } = await manage(['routes', '--json'], { settings })
    const listed = (JSON.parse(stdout) as RouteRow[]).map(({ method, path }) => `${method} ${path}`)
    const { paths } = (await app.inject('/api/v1/openapi.json')).json<{ paths: Record<string, object> }>()
    const documented = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(listed).toEqual(expect.arrayContaining(documented))
    expect(new Set(listed).size).toBe(listed.length)
    const own = listed.filter((route) => !documented.includes(route))
    expect(own.every((route) => /^GET \/api\/v1\/(openapi\.json|docs|redoc)/.test(route))).toBe(true)
  })

  test.for([
    ['GET', '/api/v1/companies/{id}/users', ['company.read', 'user.read'], 'user', null, false],
    ['POST', '/api/v1/products', ['product.create'], 'user', 10_485_760, true],
    ['PATCH', '/api/v1/products/{id}', ['product.update'], 'user', 10_485_760, false],
    ['GET', '/api/v1/auth/me', [], 'user', null, false],
    ['GET', '/api/v1/auth/sessions', [], 'session', null, false],
    ['POST', '/api/v1/auth/api-keys', [], 'session', 10_485_760, true],
    ['POST', '/api/v1/auth/logout', [], 'session', 10_485_760, false],
    ['POST', '/api/v1/auth/login', [], 'public', 10_485_760, false],
  ] as const)(
    'says of %s %s what it asks for',
    async ([method, path, permissions, access, body_limit, idempotency_key]) => {
      const { stdout } = await manage(['routes', '--json', '--method', method, '--path', path], { settings })
      const rows = JSON.parse(stdout) as RouteRow[]
      expect(rows.every((row) => row.method === method && row.path.includes(path))).toBe(true)
      const row = {
        method,
        path,
        permissions: [...permissions],
        access,
        roles: [],
        body_limit,
        idempotency_key,
        rate_limit: null,
      }
      expect(rows.find((one) => one.path === path)).toEqual(row)
    },
  )

  test('takes a method in any case, and no beginning of several', async () => {
    const { stdout } = await manage(['routes', '--json', '--method', 'get', '--path', '/products'], { settings })
    expect(new Set((JSON.parse(stdout) as RouteRow[]).map(({ method }) => method))).toEqual(new Set(['GET']))
    expect(await manage(['routes', '--method', 'p'], { settings })).toMatchObject({ code: 2, stdout: '' })
  })

  test('follows BODY_LIMIT_MB', async () => {
    const small = { ...settings, BODY_LIMIT_MB: 1 }
    const { stdout } = await manage(['routes', '--path', '/products', '--method', 'POST'], { settings: small })
    expect(stdout).toContain('body 1 MB, Idempotency-Key')
  })

  test('knows the rate limits of endpoints', async () => {
    const limited = testSettings({ RATE_LIMIT_ENABLED: 'true', RATE_LIMIT_ENDPOINTS: '/auth/refresh=9/60' })
    const { stdout } = await manage(['routes', '--path', '/auth', '--method', 'POST'], { settings: limited })
    expect(stdout).toMatch(/auth\/login .*│ body 10 MB, 5 in 300 s +│/)
    expect(stdout).toMatch(/auth\/refresh .*│ body 10 MB, 9 in 60 s +│/)
    expect(stdout).toMatch(/auth\/logout .*│ body 10 MB +│/)
  })

  test('knows a limit of a route itself, and a guard by roles', async ({ engine }) => {
    await using own = await ownApp({ engine, settings: testSettings() })
    const found: RouteRow[] = []
    own.app.addHook('onRoute', (route) => void found.push(...rowsOf(route, 1)))
    own.app.post('/one-of/', { ...requireRoles(['admin', 'manager']), bodyLimit: 5000 }, () => ({}))
    expect(found).toEqual([
      {
        method: 'POST',
        path: '/one-of',
        access: 'user',
        permissions: [],
        roles: ['admin', 'manager'],
        body_limit: 5000,
        idempotency_key: true,
        rate_limit: null,
      },
    ])
  })

  test('says so where none is found', async () => {
    const outcome = await manage(['routes', '--path', 'nowhere'], { settings })
    expect(outcome).toEqual({ code: 0, stdout: 'No routes found\n', stderr: '' })
  })
})

describe('openapi', () => {
  test('prints what the server answers, without a database', async ({ app }) => {
    const { code, stdout, stderr } = await manage(['openapi'], { settings })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toEqual((await app.inject('/api/v1/openapi.json')).json())
    const { stdout: compact } = await manage(['openapi', '--json'], { settings })
    expect([compact.split('\n').length, JSON.parse(compact)]).toEqual([2, JSON.parse(stdout)])
  })

  test('--output writes the same, in the place of a file or of what a link leads to', async ({ folder }) => {
    const [file, link] = [join(folder, 'openapi.json'), join(folder, 'link.json')]
    writeFileSync(file, 'old')
    symlinkSync(file, link)
    const outcome = await manage(['openapi', '--output', link], { settings })
    expect(outcome).toEqual({ code: 0, stdout: `OpenAPI document written to ${link}\n`, stderr: '' })
    expect(readFileSync(file, 'utf8')).toBe((await manage(['openapi'], { settings })).stdout)
    expect(readdirSync(folder).toSorted()).toEqual(['link.json', 'openapi.json'])
    expect((await manage(['openapi', '--json', '--output', file], { settings })).stdout).toBe(`{"output":"${file}"}\n`)
  })

  test.for([
    ['.', 'is a folder'],
    ['package.json/x', 'not a directory'],
    ['', 'is a folder'],
  ])('--output %j is refused: %s', async ([path, why]) => {
    const outcome = await manage(['openapi', '--output', path!], { settings })
    expect(outcome).toEqual({ code: 1, stdout: '', stderr: `Error: ${path}: ${why}\n` })
  })

  test('--output leaves a pipe what it is', async ({ folder }) => {
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    const outcome = await manage(['openapi', '--output', pipe], { settings })
    expect(outcome).toEqual({ code: 1, stdout: '', stderr: `Error: ${pipe}: is not a file\n` })
    expect(statSync(pipe).isFIFO()).toBe(true)
  })

  test('--output onto a disk that takes no more leaves what was there, and nothing else', ({ folder }) => {
    const file = join(folder, 'openapi.json')
    writeFileSync(file, 'old')
    // A limit on the size of files fails a write in the middle, as a full disk does. (Node's own cache is left alone.)
    const command = `ulimit -f 8; exec "$0" manage.ts openapi --output "$1"`
    const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', command, process.execPath, file], {
      cwd: root,
      encoding: 'utf8',
      env: { ENVIRONMENT: 'test', SECRET_KEY: settings.SECRET_KEY, NODE_DISABLE_COMPILE_CACHE: '1' },
    })
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(/^Error: .+openapi\.json: .*too large.*\n$/)
    expect([readdirSync(folder), readFileSync(file, 'utf8')]).toEqual([['openapi.json'], 'old'])
  })

  test('goes on when its reader has seen enough', () => {
    const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', './manage openapi | head -n 1'], {
      cwd: root,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], ENVIRONMENT: 'test', SECRET_KEY: settings.SECRET_KEY },
    })
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '{\n', stderr: '' })
  })
})

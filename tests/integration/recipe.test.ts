import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { PASSWORD } from '../support/password.ts'
import { copyProject } from '../support/project-copy.ts'
import { followRecipe } from '../support/recipe.ts'
import { copyBaselineFolder, temporaryFolder } from '../support/temporary-folder.ts'

const run = promisify(execFile)
const DOCUMENT = resolve(import.meta.dirname, '../../docs/new-feature.md')

describe('docs/new-feature.md, followed word by word in a copy of the project', () => {
  const folder = temporaryFolder()
  const project = join(folder.path, 'project')
  const env = {
    ...process.env,
    ENVIRONMENT: 'test',
    DATABASE_URL: `file:${join(folder.path, 'db')}`,
    LOG_DIR: join(folder.path, 'logs'),
  }
  const manage = (...args: string[]) => run(process.execPath, ['manage.ts', ...args], { cwd: project, env })
  let lines: number
  let server: ChildProcess
  let url: string

  beforeAll(async () => {
    copyBaselineFolder(join(folder.path, 'db'))
    await copyProject(project)
    lines = followRecipe(DOCUMENT, project)
    await manage('makemigrations', '-m', 'add suppliers')
    await manage('migrate')
    const port = await freePort()
    url = `http://127.0.0.1:${port}/api/v1`
    server = spawn(process.execPath, ['main.ts'], {
      cwd: project,
      env: { ...env, PORT: String(port) },
      stdio: 'ignore',
    })
    await vi.waitFor(() => fetch(`${url}/openapi.json`), { timeout: 60_000 })
  }, 240_000)

  afterAll(async () => {
    const ended = once(server, 'exit')
    server.kill()
    await ended
    folder.remove()
  })

  async function call(username: string, method: string, path: string, body?: unknown) {
    const login = await post('/auth/login', { username, password: PASSWORD })
    const { access_token } = (await login.json()) as { access_token: string }
    const headers = {
      authorization: `Bearer ${access_token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    }
    return fetch(`${url}${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) })
  }
  const post = (path: string, body: unknown) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })

  test('takes fewer than 80 lines', () => {
    expect(lines).toBeGreaterThan(40)
    expect(lines).toBeLessThan(80)
  })

  test('passes the type check', async () => {
    await run(join(project, 'node_modules/.bin/tsc'), ['-p', '.'], { cwd: project })
  })

  test('passes the linter and the formatter', async () => {
    await run(join(project, 'node_modules/.bin/oxlint'), ['--deny-warnings', 'app'], { cwd: project })
    await run(join(project, 'node_modules/.bin/oxfmt'), ['--check', 'app'], { cwd: project })
  })

  test('makes an API with permissions, isolation and locking', async () => {
    const created = await call('manager', 'POST', '/suppliers', {
      name: 'Bolt & Sons',
      code: 'BOLT',
      credit_limit: '1500.00',
    })
    expect(created.status).toBe(201)
    const supplier = (await created.json()) as { id: number; version: number; credit_limit: string }
    expect(supplier).toMatchObject({ code: 'BOLT', credit_limit: '1500.00', version: 1 })

    const path = `/suppliers/${supplier.id}`
    expect((await call('viewer', 'GET', path)).status).toBe(200)
    expect((await call('viewer', 'PUT', path, { name: 'X' })).status).toBe(403)
    expect((await call('outsider', 'GET', path)).status).toBe(404)
    expect((await call('manager', 'PUT', path, { name: 'Bolt', version: 1 })).status).toBe(200)
    expect((await call('manager', 'PUT', path, { name: 'Bolts', version: 1 })).status).toBe(409)
    expect((await call('manager', 'POST', '/suppliers', { name: 'Other', code: 'BOLT' })).status).toBe(400)
  })

  test('makes a list that can be searched, filtered and sorted', async () => {
    const found = await call('viewer', 'GET', '/suppliers?q=bolt&credit_limit__gt=1000&sort=-name')
    expect(await found.json()).toMatchObject({ total: 1, items: [{ code: 'BOLT' }] })
  })
})

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

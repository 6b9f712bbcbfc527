import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { BenchDatabase } from './database.ts'
import type { Operation } from './operations.ts'
import { type RunningServer, startServer } from './servers.ts'

/** A running server with a way in. The token is nothing to the baseline, which asks for none. */
export interface Subject {
  server: RunningServer
  token: string
}

const POOL_SIZE = '20'
/** Good enough for a start in production, and good for nothing else. */
export const SECRET_KEY = randomBytes(32).toString('hex')

/** FastVue as it is run in production. `script` is `main.ts` or a wrapper of it. */
export async function startFastVue(
  database: BenchDatabase,
  script = 'main.ts',
  url = database.url,
  env: Record<string, string> = {},
): Promise<Subject> {
  const server = await startServer(script, {
    ENVIRONMENT: 'production',
    SECRET_KEY,
    DATABASE_URL: url,
    DB_POOL_SIZE: POOL_SIZE,
    LOG_DIR: join(database.scratch, 'logs'),
    RATE_LIMIT_ENABLED: 'false', // 64 connections of one user would be refused
    HOST: '127.0.0.1',
    ...env,
  })
  return { server, token: await logIn(server, database) }
}

/** The hand-written server, on the same database with as many connections. */
export async function startBaseline(
  database: BenchDatabase,
  script = 'bench/baseline.ts',
  url = database.url,
): Promise<Subject> {
  const server = await startServer(script, {
    NODE_ENV: 'production',
    DATABASE_URL: url,
    DB_POOL_SIZE: POOL_SIZE,
    BENCH_COMPANY_ID: String(database.company_id),
    BENCH_USER_ID: String(database.user_id),
  })
  return { server, token: '' }
}

/** One request of an operation. @throws Error for a reply that is not 2xx. */
export async function callOnce({ server, token }: Subject, operation: Operation): Promise<Record<string, unknown>> {
  const [path = ''] = operation.paths
  return call(`${server.url}${path}`, {
    method: operation.method,
    body: operation.body?.replace('[<id>]', crypto.randomUUID()) ?? null,
    headers: { authorization: `Bearer ${token}`, ...(operation.body && { 'content-type': 'application/json' }) },
  })
}

async function logIn({ url }: RunningServer, { username, password }: BenchDatabase): Promise<string> {
  const { access_token } = await call(`${url}/api/v1/auth/login`, {
    method: 'POST',
    body: JSON.stringify({ username, password }),
    headers: { 'content-type': 'application/json' },
  })
  return String(access_token)
}

async function call(url: string, init: RequestInit): Promise<Record<string, unknown>> {
  const reply = await fetch(url, init)
  if (!reply.ok) throw new Error(`${init.method} ${url}: ${reply.status} ${await reply.text()}`)
  return (await reply.json()) as Record<string, unknown>
}

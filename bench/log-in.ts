import { hashPassword, verifyPassword } from '../app/core/passwords.ts'
import type { BenchDatabase } from './database.ts'
import type { RunningServer } from './servers.ts'
import { startFastVue } from './subjects.ts'

/** Log-ins a second, where each process hashes on one thread. */
export interface LogInCost {
  /** As many verifications of passwords as a log-in makes, alone, in this process, on one thread. */
  argon2: number
  oneProcess: number
  twoProcesses: number
}

const SECONDS = 5
// Log-ins under way on each server: enough that it never waits for the next.
const AT_ONCE = 8
const VERIFICATIONS = 2 // of a log-in: see services/auth/log-in.ts
const ONE_THREAD = { UV_THREADPOOL_SIZE: '1' }

/** What a log-in costs beside the hash, and what a second process adds. Each log-in is of another user: those of one wait for each other. */
export async function measureLogIn(database: BenchDatabase): Promise<LogInCost> {
  const subjects = [
    await startFastVue(database, 'main.ts', database.url, ONE_THREAD),
    await startFastVue(database, 'main.ts', database.url, ONE_THREAD),
  ]
  const servers = subjects.map(({ server }) => server)
  try {
    return {
      argon2: await measureArgon2(database),
      oneProcess: await perSecond(servers.slice(0, 1), database),
      twoProcesses: await perSecond(servers, database),
    }
  } finally {
    for (const server of servers) await server.stop()
  }
}

/** What a log-in compares, as often as one thread can: one after the other. */
async function measureArgon2({ password }: BenchDatabase): Promise<number> {
  const hash = await hashPassword(password)
  const started = performance.now()
  let done = 0
  for (; performance.now() - started < SECONDS * 1000; done++) await verifyPassword(hash, password)
  return done / VERIFICATIONS / SECONDS
}

async function perSecond(servers: RunningServer[], { password, people }: BenchDatabase): Promise<number> {
  const until = performance.now() + SECONDS * 1000
  let turn = 0
  let done = 0
  const client = async ({ url }: RunningServer) => {
    while (performance.now() < until) {
      const username = people[turn++ % people.length]
      const body = JSON.stringify({ username, password })
      const headers = { 'content-type': 'application/json' }
      const reply = await fetch(`${url}/api/v1/auth/login`, { method: 'POST', body, headers })
      if (!reply.ok) throw new Error(`Log-in: ${reply.status} ${await reply.text()}`)
      await reply.arrayBuffer()
      done++
    }
  }
  await Promise.all(servers.flatMap((server) => Array.from({ length: AT_ONCE }, () => client(server))))
  return done / SECONDS
}

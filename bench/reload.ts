import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { utimesSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { BenchDatabase } from './database.ts'

/** From a change of the code until the new code listens, the median of five, in milliseconds. */
export interface ReloadCost {
  embedded: number
  server: number
}

const project = resolve(import.meta.dirname, '..')
const TIMES = 5

/** What `runserver --reload` takes on an embedded database and on a server. */
export async function measureReload({ url, scratch }: BenchDatabase): Promise<ReloadCost> {
  const env = { ...process.env, ENVIRONMENT: 'development', LOG_DIR: join(scratch, 'logs'), PORT: '0' }
  const embedded = { ...env, DATABASE_URL: `file:${join(scratch, 'db')}` }
  execFileSync(process.execPath, ['manage.ts', 'migrate'], { cwd: project, env: embedded })
  return { embedded: await measure(embedded), server: await measure({ ...env, DATABASE_URL: url }) }
}

async function measure(env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(process.execPath, ['manage.ts', 'runserver', '--reload'], {
    cwd: project,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await said(child, 'Listening on')
  const times: number[] = []
  for (let n = 0; n < TIMES; n++) {
    const changed = performance.now()
    const now = new Date()
    utimesSync(join(project, 'app', 'app.ts'), now, now)
    await said(child, 'restarted in')
    times.push(performance.now() - changed)
  }
  child.kill('SIGTERM')
  await once(child, 'exit')
  return times.toSorted((a, b) => a - b)[Math.floor(TIMES / 2)] ?? Number.NaN
}

async function said(child: ChildProcess, text: string): Promise<void> {
  for (let heard = ''; !heard.includes(text);) heard += String((await once(child.stdout!, 'data'))[0])
}

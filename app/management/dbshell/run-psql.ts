import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { readAddress } from '../../db/maintenance.ts'

// What the driver takes in an address and libpq does not.
const DRIVER_ONLY = ['uselibpqcompat', 'database', 'max', 'ssl']
const SECRETS = ['password', 'sslpassword']

/**
 * Runs psql on this process's own terminal, until it ends. The password goes by PGPASSWORD: arguments can be seen by
 * everybody on the machine. @returns its exit code; undefined when it is not installed
 */
export async function runPsql(
  url: string,
  command: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<number | undefined> {
  const { password } = readAddress(url)
  const args = [psqlAddress(url), ...(command === undefined ? [] : ['--command', command])]
  // Ctrl-C reaches both of us: there it stops a statement, here it would end what psql still runs on.
  const ignore = () => {}
  const stop = () => void child.kill('SIGTERM')
  process.on('SIGINT', ignore).on('SIGTERM', stop)
  const child = spawn('psql', args, { stdio: 'inherit', env: { ...env, ...(password && { PGPASSWORD: password }) } })
  try {
    await once(child, 'close')
    return child.exitCode ?? 128 + constants.signals[child.signalCode ?? 'SIGTERM']
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  } finally {
    process.off('SIGINT', ignore).off('SIGTERM', stop)
  }
}

/** The address as libpq reads it: without secrets, and with the name that the driver would open. */
export function psqlAddress(address: string): string {
  const { database } = readAddress(address)
  const url = new URL(address)
  const { sslmode, ssl } = Object.fromEntries(url.searchParams)
  for (const name of [...DRIVER_ONLY, ...SECRETS]) url.searchParams.delete(name)
  if (sslmode === 'no-verify' || (!sslmode && /^(true|1|no-verify)$/.test(ssl ?? '')))
    url.searchParams.set('sslmode', 'require')
  url.search = url.search.replaceAll('+', '%20') // as a space, "+" is known to forms alone
  url.password = ''
  url.pathname = `/${encodeURIComponent(database ?? '')}`
  return url.href
}

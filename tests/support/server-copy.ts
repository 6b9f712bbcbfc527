import { inject } from 'vitest'
import type { Engine } from '../../app/db/engine.ts'
import { type ServerOptions, openServer } from '../../app/db/server.ts'
import { databaseName, maintain, urlOf } from './server-databases.ts'

let made = 0

/**
 * A copy of the baseline on the server that TEST_DATABASE_URL names, or another new database there: what follows CREATE
 * DATABASE and its name. At its end it is dropped, once what was opened on it is closed.
 */
export async function serverCopy(content = `TEMPLATE ${inject('template')}`) {
  const name = `${databaseName('copy')}_${(made += 1)}`
  const url = urlOf(name)
  const end = new AsyncDisposableStack()
  await maintain(`CREATE DATABASE ${name} ${content}`)
  end.defer(() => maintain(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`).then(() => {}))
  return {
    name,
    url,
    /** Opens it in this process. */
    open: (options: Omit<ServerOptions, 'url'>): Engine =>
      end.adopt(openServer({ url, ...options }), (engine) => engine.close()),
    [Symbol.asyncDispose]: () => end.disposeAsync(),
  }
}

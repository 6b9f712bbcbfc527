import { openAsBlob } from 'node:fs'
import { inject } from 'vitest'
import { openEmbedded } from '../../app/db/embedded.ts'
import { openServer } from '../../app/db/server.ts'
import { rowsOf } from './migrations.ts'
import { serverCopy } from './server-copy.ts'
import { SERVER_URL, maintain } from './server-databases.ts'

export interface OwnDatabaseOptions {
  /** Run in it first. What fails may leave something behind that a test is about. */
  sql?: string[]
  /** Settings of PostgreSQL that connections begin with. */
  set?: Record<string, string>
  /** Instead of a copy of the baseline. The server's alone. */
  create?: string
}

/** A database that a test may spoil: a copy of the baseline, or an empty one of the server. */
export async function ownDatabase({ sql = [], set = {}, create }: OwnDatabaseOptions) {
  const changes = Object.entries(set).map(([name, value]) => `set ${name} = ${value}`)
  if (!SERVER_URL) {
    const engine = await openEmbedded(undefined, await openAsBlob(inject('dump')))
    for (const statement of [...sql, ...changes]) await rowsOf(engine, statement).catch(() => {})
    return { engine, [Symbol.asyncDispose]: () => engine.close() }
  }
  const copy = await serverCopy(create)
  const first = openServer({ url: copy.url, poolSize: 1 })
  for (const statement of sql) await rowsOf(first, statement).catch(() => {})
  await first.close()
  for (const change of changes) await maintain(`ALTER DATABASE ${copy.name} ${change}`)
  const engine = copy.open({ poolSize: 2 })
  return { engine, [Symbol.asyncDispose]: () => copy[Symbol.asyncDispose]() }
}

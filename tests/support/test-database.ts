import { openAsBlob } from 'node:fs'
import { inject } from 'vitest'
import { openEmbedded } from '../../app/db/embedded.ts'
import type { Engine } from '../../app/db/engine.ts'
import { serverCopy } from './server-copy.ts'
import { SERVER_URL } from './server-databases.ts'

/** A worker's own copy of the database that `global-setup.ts` made. */
export interface TestDatabase {
  engine: Engine
  /** Brings every table back to the baseline. */
  restore(): Promise<void>
  close(): Promise<void>
}

/** Opens a copy: in memory or, with TEST_DATABASE_URL, on that server. */
export async function openTestDatabase(): Promise<TestDatabase> {
  if (!SERVER_URL) {
    const engine = await openEmbedded(undefined, await openAsBlob(inject('dump')))
    return { engine, restore: () => restore(engine), close: () => engine.close() }
  }
  const copy = await serverCopy()
  const engine = copy.open({ poolSize: 10 })
  return {
    engine,
    restore: () => restore(engine),
    close: () => copy[Symbol.asyncDispose](),
  }
}

async function restore(engine: Engine): Promise<void> {
  const connection = await engine.connect()
  try {
    // The embedded database's clock is this process's: after a test that set it forward, ids would stay in the time to come.
    await connection.script(`SELECT baseline.restore(), set_config('app.last_id', '', false)`)
  } finally {
    connection.release()
  }
}

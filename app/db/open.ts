import type { DatabaseTarget, Settings } from '../core/config.ts'
import { OperatorError } from '../core/operator-error.ts'
import { openEmbedded, openOrReachEmbedded, openOwnEmbedded } from './embedded.ts'
import type { Engine } from './engine.ts'
import { FolderInUse } from './folder-lock.ts'
import { openServer } from './server.ts'

/** A database that cannot be opened, said so that a person can mend it. */
export class DatabaseUnavailable extends OperatorError {}

type Target = Pick<Settings, 'DB_POOL_SIZE'> & { DATABASE: DatabaseTarget }

/**
 * Opens the database of the settings. `exclusive` is for servers: they own an embedded folder, where a command only
 * visits and goes through the socket of a server that has it open. Either waits a moment for who is about to let go.
 * @throws DatabaseUnavailable
 */
export async function openDatabase(
  { DATABASE: target, DB_POOL_SIZE: poolSize }: Target,
  exclusive = false,
): Promise<Engine> {
  try {
    if (target.kind === 'memory') return await openEmbedded(undefined)
    if (target.kind === 'embedded')
      return await (exclusive ? openOwnEmbedded(target.path) : openOrReachEmbedded(target.path))
    const engine = openServer({ url: target.url, poolSize })
    const connection = await engine.connect().catch(async (error: unknown) => {
      await engine.close()
      throw error
    })
    connection.release()
    return engine
  } catch (error) {
    throw new DatabaseUnavailable(explain(target, error), { cause: error })
  }
}

function explain(target: DatabaseTarget, error: unknown): string {
  if (target.kind === 'server')
    return `Cannot connect to the database (DATABASE_URL): ${(error as Error).message || 'no answer'}`
  if (error instanceof FolderInUse)
    return `The embedded database ${error.message}; stop that process, or use DATABASE_URL=postgres://… for several`
  if (target.kind === 'embedded')
    return `Cannot open the embedded database in ${target.path}: ${(error as Error).message}`
  return `Cannot make the database in memory: ${(error as Error).message}`
}

import type { DatabaseTarget } from '../core/config.ts'
import { OperatorError } from '../core/operator-error.ts'
import type { DatabasePlace } from './database-place.ts'
import { embeddedPlace } from './embedded-place.ts'
import { serverPlace } from './server-place.ts'

/**
 * The place of the settings' database or, with a name, of another one beside it: on the same server, or a folder next to
 * the embedded one. @throws OperatorError for a name that cannot be one, and for a database in memory
 */
export function placeOf(target: DatabaseTarget, name?: string): DatabasePlace {
  if (target.kind === 'server') return serverPlace(target.url, name)
  if (target.kind === 'embedded') return embeddedPlace(target.path, name)
  throw new OperatorError(
    'A database in memory (DATABASE_URL=memory:) begins and ends with each process: there is none to create, drop or reset',
  )
}

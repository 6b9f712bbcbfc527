import type { DatabaseTarget, Settings } from '../../core/config.ts'
import { isMade } from '../../db/embedded.ts'
import type { Engine } from '../../db/engine.ts'
import { codeWithin } from '../../db/maintenance.ts'
import { DatabaseUnavailable, openDatabase } from '../../db/open.ts'
import { placeOf } from '../../db/place-of.ts'
import type { Terminal } from '../terminal.ts'
import { step } from './step.ts'

const NO_SUCH_DATABASE = '3D000'

/** Opens the database to serve it; outside production, and only there, it is made when it is not there. @throws DatabaseUnavailable */
export async function openForServer(settings: Settings, terminal: Terminal): Promise<Engine> {
  const { DATABASE: target, ENVIRONMENT } = settings
  const fresh = target.kind === 'embedded' && !isMade(target.path)
  if (fresh && ENVIRONMENT === 'production')
    throw new DatabaseUnavailable(
      `There is no database in ${target.path}, and in production this makes none: run ./manage createdb, migrate and initdb`,
    )
  const { engine } = await step(
    terminal,
    () => (ENVIRONMENT === 'production' ? open(settings) : openOrCreate(settings, target)),
    ({ engine: { label }, created }) => `Database ${created || fresh ? 'created' : 'opened'}: ${label}`,
  )
  return engine
}

const open = async (settings: Settings) => ({ engine: await openDatabase(settings, true), created: false })

async function openOrCreate(settings: Settings, target: DatabaseTarget) {
  try {
    return await open(settings)
  } catch (error) {
    if (target.kind !== 'server' || codeWithin(error) !== NO_SUCH_DATABASE) throw error
    await placeOf(target)
      .create()
      .catch((reason: Error) => {
        throw new DatabaseUnavailable(
          `The database (DATABASE_URL) does not exist and cannot be created: ${reason.message}`,
          { cause: reason },
        )
      })
    return { ...(await open(settings)), created: true }
  }
}

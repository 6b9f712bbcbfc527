import type { Engine } from '../db/engine.ts'
import { queryUnscoped } from '../db/unscoped.ts'
import { CommandError } from './command-error.ts'
import type { Invocation } from './command.ts'

/**
 * Makes sure that somebody means to destroy data: the database's name typed in, or `--force`; in production
 * `--i-know-this-is-production` as well.
 * @throws CommandError when it is not so
 */
export async function confirmDestruction(invocation: Invocation, engine: Engine, what: string): Promise<void> {
  const { options, terminal, settings } = invocation
  if (settings.ENVIRONMENT === 'production' && !options['iKnowThisIsProduction'])
    throw new CommandError(`This is production: ${what} needs --i-know-this-is-production`)
  if (options['force']) return
  const name = await databaseName(engine)
  terminal.warn(`${what} cannot be undone (${engine.label})`)
  const answer = await terminal.ask(undefined, '--force', `Type the database's name (${name}) to go on:`)
  if (answer !== name) throw new CommandError('That is not its name; nothing was changed')
}

async function databaseName(engine: Engine): Promise<string> {
  const [row] = await queryUnscoped(engine, 'select current_database() as name')
  return String(row?.['name'])
}

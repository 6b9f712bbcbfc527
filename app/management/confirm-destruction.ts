import { basename } from 'node:path'
import type { Engine } from '../db/engine.ts'
import { queryUnscoped } from '../db/unscoped.ts'
import { CommandError } from './command-error.ts'
import type { Invocation } from './command.ts'

/** What is about to lose data: the name that somebody must type, and what else tells people which one it is. */
interface Subject {
  name: string
  label: string
}

/**
 * Makes sure that somebody means to destroy data: the database's name typed in, or `--force`; in production
 * `--i-know-this-is-production` as well.
 * @throws CommandError when it is not so
 */
export async function confirmDestruction(invocation: Invocation, engine: Engine, what: string): Promise<void> {
  await confirmDestructionOf(invocation, { name: await databaseName(invocation, engine), label: engine.label }, what)
}

/** The same for a database that need not be open, or another than the settings'. @throws CommandError */
export async function confirmDestructionOf(
  invocation: Invocation,
  { name, label }: Subject,
  what: string,
): Promise<void> {
  const { options, terminal, settings } = invocation
  if (settings.ENVIRONMENT === 'production' && !options['iKnowThisIsProduction'])
    throw new CommandError(`This is production: ${what} needs --i-know-this-is-production`)
  if (options['force']) return
  terminal.warn(`${what} cannot be undone (${label})`)
  const answer = await terminal.ask(undefined, '--force', `Type the database's name (${name}) to go on:`)
  if (answer !== name) throw new CommandError('That is not its name; nothing was changed')
}

/** An embedded one goes by its folder's name: to PostgreSQL each of them is `postgres`. */
async function databaseName({ settings: { DATABASE } }: Invocation, engine: Engine): Promise<string> {
  if (DATABASE.kind === 'embedded') return basename(DATABASE.path)
  const [row] = await queryUnscoped(engine, 'select current_database() as name')
  return String(row?.['name'])
}

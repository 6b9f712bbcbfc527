import type { CommandCase } from './case.ts'
import { startfeatureCommand } from './startfeature.ts'
import { userCommands } from './users.ts'

/** Every command, called in every way. A new command needs its case: the test names it. */
export const COMMAND_CASES: Record<string, CommandCase> = {
  ...userCommands,
  ...startfeatureCommand,
}

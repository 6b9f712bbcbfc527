import type { CommandCase } from './case.ts'
import { dataCommands } from './data.ts'
import { userCommands } from './users.ts'

/** Every command, called in every way. A new command needs its case: the test names it. */
export const COMMAND_CASES: Record<string, CommandCase> = {
  ...userCommands,
  ...dataCommands,
}

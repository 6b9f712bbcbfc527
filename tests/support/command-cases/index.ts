import type { CommandCase } from './case.ts'
import { developmentCommands } from './development.ts'
import { securityCommands } from './security.ts'
import { serverCommands } from './server.ts'
import { userCommands } from './users.ts'

/** Every command, called in every way. A new command needs its case: the test names it. */
export const COMMAND_CASES: Record<string, CommandCase> = {
  ...userCommands,
  ...securityCommands,
  ...serverCommands,
  ...developmentCommands,
}

import type { CommandCase } from './case.ts'
import { apiCommands } from './api.ts'
import { dataCommands } from './data.ts'
import { checkCommands } from './check.ts'
import { startfeatureCommand } from './startfeature.ts'
import { databaseCommands } from './databases.ts'
import { developmentCommands } from './development.ts'
import { securityCommands } from './security.ts'
import { serverCommands } from './server.ts'
import { userCommands } from './users.ts'

/** Every command, called in every way. A new command needs its case: the test names it. */
export const COMMAND_CASES: Record<string, CommandCase> = {
  ...userCommands,
  ...apiCommands,
  ...dataCommands,
  ...checkCommands,
  ...startfeatureCommand,
  ...databaseCommands,
  ...securityCommands,
  ...serverCommands,
  ...developmentCommands,
}

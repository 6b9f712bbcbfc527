import type { ManagementCommand } from './command.ts'

/** Every command, in the order `./manage` shows them. */
export const COMMANDS: ManagementCommand[] = []

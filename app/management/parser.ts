import type { Command as Parser } from 'commander'
import type { ManagementCommand } from './command.ts'
import { COMMANDS } from './index.ts'

/** Declares every command, with the arguments and flags it takes; `act` is called for the one that was given. */
export function declareCommands(
  parser: Parser,
  act: (command: ManagementCommand, parsed: Parser) => Promise<void>,
): Parser {
  for (const command of COMMANDS) {
    const sub = declare(parser, command)
    sub.action(() => act(command, sub))
  }
  return parser
}

function declare(parser: Parser, command: ManagementCommand): Parser {
  const sub = parser
    .command(command.name)
    .summary(command.summary)
    .description(command.summary)
    .helpGroup(`${command.group}:`)
  command.configure?.(sub)
  return sub
    .option('--json', 'write the result as JSON to stdout, everything else to stderr')
    .addHelpText('after', `\nExample:\n  ${command.example}`)
    .showHelpAfterError(`See ./manage ${command.name} --help`)
}

import type { Command as Parser } from 'commander'

/** The flags by which a password is given; `terminal.askPassword` reads them. */
export function passwordOptions(parser: Parser): Parser {
  return parser
    .option('-p, --password <text>', 'seen by whoever may list processes; better FASTVUE_PASSWORD or the prompt')
    .option('--password-stdin', 'read the password from the first line of standard input')
}

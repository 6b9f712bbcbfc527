import { z } from 'zod'
import { passwordFaults } from '../core/passwords.ts'
import { Email, Username, faultOf } from '../schemas/identity.ts'
import { createSuperuser } from '../services/user-admin.ts'
import { CommandError } from './command-error.ts'
import type { Invocation, ManagementCommand } from './command.ts'
import { migratedDatabase } from './migrated-database.ts'
import { passwordOptions } from './password-options.ts'

const Options = z.object({
  username: z.string().optional(),
  email: z.string().optional(),
  password: z.string().optional(),
  passwordStdin: z.boolean().default(false),
  input: z.boolean(),
})
type Options = z.output<typeof Options>

export const createsuperuser: ManagementCommand = {
  name: 'createsuperuser',
  group: 'Users',
  summary: 'Create a user who may do everything',
  example: './manage createsuperuser -u admin -e admin@example.com',
  configure(parser) {
    parser
      .option('-u, --username <name>', '3 to 50 characters: letters, digits, "_", "." and "-"')
      .option('-e, --email <address>', 'an e-mail address')
    passwordOptions(parser).option('--no-input', 'never ask; a missing answer is an error')
  },
  async run(invocation) {
    const { terminal, settings } = invocation
    const options = Options.parse(invocation.options)
    if (!options.input) refuseMissing(options, invocation)
    refuseFaulty(options, terminal.streams.env['FASTVUE_PASSWORD'])
    const engine = await migratedDatabase(invocation)
    const username = await terminal.ask(options.username, '--username', 'Username:', (value) =>
      faultOf(Username, value),
    )
    const email = await terminal.ask(options.email, '--email', 'Email address:', (value) => faultOf(Email, value))
    const password = await terminal.askPassword(
      options.password,
      options.passwordStdin,
      (value) => passwordFaults(value, { username, email })[0],
    )
    const user = await createSuperuser(engine, settings, { username, email, password })
    terminal.show(user, () => `Superuser ${user.username} <${user.email}> created, id ${user.id}`)
  },
}

/** @throws CommandError with the faults of all answers that are given, one a line */
function refuseFaulty({ username, email, password: given }: Options, fromEnvironment: string | undefined): void {
  const password = given ?? fromEnvironment
  const source = given === undefined ? 'FASTVUE_PASSWORD' : '--password'
  const owner = { username: username ?? '', email: email ?? '' }
  const faults = [
    ['--username', username === undefined ? undefined : faultOf(Username, username)],
    ['--email', email === undefined ? undefined : faultOf(Email, email)],
    ...(password === undefined ? [] : passwordFaults(password, owner)).map((fault) => [source, fault]),
  ].filter(([, fault]) => fault !== undefined)
  if (faults.length > 0) throw new CommandError(faults.map(([what, fault]) => `${what}: ${fault}`).join('\n'))
}

function refuseMissing(options: Options, { terminal }: Invocation): void {
  const hasPassword =
    options.password !== undefined || options.passwordStdin || terminal.streams.env['FASTVUE_PASSWORD']
  const missing = [
    options.username === undefined && '--username',
    options.email === undefined && '--email',
    !hasPassword && '--password (or --password-stdin, or FASTVUE_PASSWORD)',
  ].filter((flag) => flag !== false)
  if (missing.length > 0) throw new CommandError(`--no-input needs ${missing.join(', ')}`)
}

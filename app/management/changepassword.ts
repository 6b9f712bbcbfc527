import { z } from 'zod'
import { passwordFaults } from '../core/passwords.ts'
import { setPassword } from '../services/user-admin.ts'
import { CommandError } from './command-error.ts'
import type { ManagementCommand } from './command.ts'
import { namedUser } from './named-user.ts'
import { passwordOptions } from './password-options.ts'

const Options = z.object({ password: z.string().optional(), passwordStdin: z.boolean().default(false) })

export const changepassword: ManagementCommand = {
  name: 'changepassword',
  group: 'Users',
  summary: "Set a user's password, end their sessions and lift the lock",
  example: './manage changepassword admin',
  completions: { name: 'users' },
  configure(parser) {
    passwordOptions(parser.argument('<name>', 'a username or e-mail address'))
  },
  async run(invocation) {
    const { terminal, settings, database } = invocation
    const options = Options.parse(invocation.options)
    const user = await namedUser(invocation)
    const { id, username, email } = user
    if (!user.is_active) throw new CommandError(`${username} is not active, and logs in by no password`)
    const password = await terminal.askPassword(
      options.password,
      options.passwordStdin,
      (value) => passwordFaults(value, user)[0],
      ` for ${username} <${email}>`,
    )
    await setPassword(await database(), settings, user, password)
    terminal.show({ id, username, email }, () => `Password of ${username} changed; their sessions have ended`)
  },
}

import { setSuperuser } from '../services/user-admin.ts'
import { CommandError } from './command-error.ts'
import type { ManagementCommand } from './command.ts'
import { namedUser } from './named-user.ts'

interface Wording {
  name: string
  summary: string
  /** What the user is afterwards. */
  is_superuser: boolean
  question: (who: string) => string
  done: string
  already: string
}

/** A command that makes somebody a superuser, or one no more. */
export function superuserCommand({ is_superuser, question, done, already, ...named }: Wording): ManagementCommand {
  return {
    ...named,
    group: 'Users',
    example: `./manage ${named.name} jane`,
    completions: { name: 'users' },
    configure(parser) {
      parser.argument('<name>', 'a username or e-mail address').option('--force', 'do not ask')
    },
    async run(invocation) {
      const { options, terminal, settings, database } = invocation
      const user = await namedUser(invocation)
      const { id, username, email } = user
      const changed = user.is_superuser !== is_superuser
      if (changed) {
        if (!options['force'] && !(await terminal.confirm(question(`${username} <${email}>`), '--force')))
          throw new CommandError('Nothing was changed')
        await setSuperuser(await database(), settings, user, is_superuser)
      }
      terminal.show({ id, username, email, is_superuser, changed }, () => `${username} ${changed ? done : already}`)
    },
  }
}

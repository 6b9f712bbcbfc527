import type { CurrentUser } from '../services/context.ts'
import { findUser } from '../services/user-admin.ts'
import { CommandError } from './command-error.ts'
import type { Invocation } from './command.ts'
import { migratedDatabase } from './migrated-database.ts'

/** The user whom the command's first argument names, by username or e-mail address. @throws CommandError */
export async function namedUser(invocation: Invocation): Promise<CurrentUser> {
  const [name = ''] = invocation.args
  const user = await findUser(await migratedDatabase(invocation), invocation.settings, name)
  if (!user) throw new CommandError(`No user ${name}`)
  return user
}

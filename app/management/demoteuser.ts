import type { ManagementCommand } from './command.ts'
import { superuserCommand } from './superuser-command.ts'

export const demoteuser: ManagementCommand = superuserCommand({
  name: 'demoteuser',
  summary: 'Make a superuser an ordinary user',
  is_superuser: false,
  question: (who) => `Take the rights of a superuser from ${who}?`,
  done: 'is no longer a superuser',
  already: 'is not a superuser',
})

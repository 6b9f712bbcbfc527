import type { ManagementCommand } from './command.ts'
import { superuserCommand } from './superuser-command.ts'

export const promoteuser: ManagementCommand = superuserCommand({
  name: 'promoteuser',
  summary: 'Make a user a superuser, who may do everything',
  is_superuser: true,
  question: (who) => `Make ${who} a superuser?`,
  done: 'is a superuser now',
  already: 'is a superuser already',
})

import { InvalidArgumentError } from 'commander'
import { z } from 'zod'
import { listUsers } from '../services/user-admin.ts'
import type { ManagementCommand } from './command.ts'
import { migratedDatabase } from './migrated-database.ts'

const Options = z.object({ superusers: z.boolean().default(false), limit: z.number() })

export const showusers: ManagementCommand = {
  name: 'showusers',
  group: 'Users',
  summary: 'List users',
  example: './manage showusers --superusers',
  configure(parser) {
    parser
      .option('-s, --superusers', 'superusers only')
      .option('-l, --limit <number>', 'how many at most', positiveInteger, 20)
  },
  async run(invocation) {
    const { terminal, settings } = invocation
    const options = Options.parse(invocation.options)
    const users = await listUsers(await migratedDatabase(invocation), settings, options)
    terminal.show(users, () => {
      if (users.length === 0) return 'No users found'
      const rows = users.map((user) => [
        user.id,
        user.username,
        user.email,
        yesNo(user.is_active),
        yesNo(user.is_superuser),
        user.created_at.slice(0, 16).replace('T', ' '),
      ])
      return terminal.table(['ID', 'Username', 'Email', 'Active', 'Superuser', 'Created'], rows)
    })
  },
}

function positiveInteger(text: string): number {
  const value = Number(text)
  if (!/^\d{1,9}$/.test(text) || value < 1) throw new InvalidArgumentError('expected a whole number of at least 1')
  return value
}

const yesNo = (value: boolean) => (value ? 'yes' : 'no')

import { z } from 'zod'
import { type CommandCase, here } from './case.ts'

const flags = ['-u', 'root', '-e', 'root@example.com', '--no-input']
const password = { env: { FASTVUE_PASSWORD: 'correct horse' } }

export const userCommands: Record<string, CommandCase> = {
  createsuperuser: {
    success: here(['createsuperuser', ...flags], password),
    says: /^Superuser root <root@example.com> created, id \d+\n$/,
    json: z.strictObject({ id: z.int(), username: z.literal('root'), email: z.literal('root@example.com') }),
    wrongUse: ['createsuperuser', '--name', 'root'],
    failure: here(['createsuperuser', '-u', 'admin', '-e', 'root@example.com'], password),
    because: /^Error: User with this username already exists\n$/,
  },
}

import { z } from 'zod'
import { TestProject } from '../migrations.ts'
import { type Call, type CommandCase, here } from './case.ts'

const flags = ['-u', 'root', '-e', 'root@example.com', '--no-input']
const password = { env: { FASTVUE_PASSWORD: 'correct horse' } }
const superuserFlag = z.strictObject({
  id: z.int(),
  username: z.string(),
  email: z.email(),
  is_superuser: z.boolean(),
  changed: z.literal(true),
})
const User = z.strictObject({
  id: z.int(),
  username: z.string(),
  email: z.email(),
  is_active: z.boolean(),
  is_superuser: z.boolean(),
  created_at: z.iso.datetime(),
})

/** On a database that has not got all migrations. */
const unmigrated =
  (argv: string[]): Call =>
  async ({ engine }, more) => {
    using project = new TestProject({ name: '9999_more', up: '' })
    return await project.manage([...argv, ...more], engine)
  }

export const userCommands: Record<string, CommandCase> = {
  createsuperuser: {
    success: here(['createsuperuser', ...flags], password),
    says: /^Superuser root <root@example.com> created, id \d+\n$/,
    json: z.strictObject({ id: z.int(), username: z.literal('root'), email: z.literal('root@example.com') }),
    wrongUse: ['createsuperuser', '--name', 'root'],
    failure: here(['createsuperuser', '-u', 'admin', '-e', 'root@example.com'], password),
    because: /^Error: User with this username already exists\n$/,
  },
  showusers: {
    success: here(['showusers']),
    says: /│ ID +│ Username +│ Email +│ Active +│ Superuser +│ Created +│\n/,
    json: z.array(User).length(6),
    wrongUse: ['showusers', '--limit', '0'],
    failure: unmigrated(['showusers']),
    because: /^Error: The database \(.+\) lacks 1 migration: run \.\/manage migrate\n$/,
  },
  changepassword: {
    success: here(['changepassword', 'manager'], password),
    says: /^Password of manager changed; their sessions have ended\n$/,
    json: z.strictObject({ id: z.int(), username: z.literal('manager'), email: z.literal('manager@example.com') }),
    wrongUse: ['changepassword'],
    failure: here(['changepassword', 'nobody'], password),
    because: /^Error: No user nobody\n$/,
  },
  promoteuser: {
    success: here(['promoteuser', 'manager', '--force']),
    says: /^manager is a superuser now\n$/,
    json: superuserFlag,
    wrongUse: ['promoteuser', 'manager', '--yes'],
    failure: here(['promoteuser', 'manager']),
    because: /^Error: There is no terminal to ask on: give --force\n$/,
  },
  demoteuser: {
    success: async (place, more) => {
      await here(['promoteuser', 'manager', '--force'])(place, [])
      return here(['demoteuser', 'manager', '--force'])(place, more)
    },
    says: /^manager is no longer a superuser\n$/,
    json: superuserFlag,
    wrongUse: ['demoteuser', 'superuser', 'manager'],
    failure: here(['demoteuser', 'superuser', '--force']),
    because: /^Error: The last active superuser can be neither demoted, disabled nor deleted\n$/,
  },
}

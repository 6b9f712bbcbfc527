import { join } from 'node:path'
import { z } from 'zod'
import { manage } from '../command-line.ts'
import { type CommandCase, here } from './case.ts'

const counts = z.strictObject({ created: z.int(), updated: z.int(), unchanged: z.int() })

export const dataCommands: Record<string, CommandCase> = {
  'load-data': {
    success: here(['load-data', '--update']),
    says: /│ messages +│ 10 +│ 0 +│ 0 +│/,
    json: z.strictObject({
      sections: z.strictObject({
        companies: counts,
        permissions: counts,
        roles: counts,
        users: counts,
        groups: counts,
        user_company_roles: counts,
        products: counts,
        notifications: counts,
        activity_logs: counts,
        messages: counts.extend({ created: z.literal(10) }),
      }),
      warnings: z.array(z.string()).length(0),
      log_ins: z.array(
        z.strictObject({
          email: z.string(),
          username: z.string(),
          password: z.string(),
          company: z.string().nullable(),
          what: z.string(),
        }),
      ),
      dry_run: z.literal(false),
    }),
    wrongUse: ['load-data', '--file'],
    failure: here(['load-data', '--file', 'nowhere.json']),
    because: /^Error: nowhere\.json: no such file\n$/,
  },
  'export-data': {
    success: ({ engine, folder }, more) =>
      manage(['export-data', '--file', join(folder, 'new', 'backup.json'), ...more], { engine }),
    says: /│ companies +│ 2 +│/,
    json: z.strictObject({
      file: z.string().endsWith('backup.json'),
      sections: z.strictObject({
        companies: z.literal(2),
        permissions: z.literal(0),
        roles: z.literal(0),
        users: z.literal(6),
        groups: z.literal(0),
        user_company_roles: z.literal(5),
        products: z.literal(0),
      }),
      warnings: z.array(z.string()).length(0),
    }),
    wrongUse: ['export-data', '--file', '-', '--json'],
    failure: ({ engine, folder }, more) => manage(['export-data', '--file', folder, ...more], { engine }),
    because: /^Error: .+: is a folder\n$/,
  },
}

import { join } from 'node:path'
import { z } from 'zod'
import { manage } from '../command-line.ts'
import type { CommandCase } from './case.ts'

export const dataCommands: Record<string, CommandCase> = {
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

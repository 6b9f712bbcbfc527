import { z } from 'zod'
import { type CommandCase, here } from './case.ts'

const codes = 'await db.select({ code: Company.code }).from(Company).orderBy(Company.id)'

export const developmentCommands: Record<string, CommandCase> = {
  shell: {
    success: here(['shell', '-c', codes]),
    says: /│ TEST  │\n.*\n│ OTHER │\n.*\n\(2 rows\)\n$/,
    json: z.tuple([z.strictObject({ code: z.literal('TEST') }), z.strictObject({ code: z.literal('OTHER') })]),
    wrongUse: ['shell', '--eval', '1'],
    failure: here(['shell', '-c', 'nope']),
    because: /^Error: ReferenceError: nope is not defined\n$/,
  },
}

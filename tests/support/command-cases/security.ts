import { z } from 'zod'
import { manage } from '../command-line.ts'
import { type CommandCase, here } from './case.ts'

const none = z.literal(0)

export const securityCommands: Record<string, CommandCase> = {
  rotatesecrets: {
    success: here(['rotatesecrets']),
    says: /^Secrets sealed under SECRET_KEY: 0 now, 0 before\n$/,
    json: z.strictObject({ resealed: none, unchanged: none, failed: none, failed_user_ids: z.tuple([]) }),
    wrongUse: ['rotatesecrets', 'all'],
    failure: (_place, more) => manage(['rotatesecrets', ...more]), // on a database with nothing in it
    because: /^Error: The database \(embedded in memory\) lacks \d+ migrations: run \.\/manage migrate\n$/,
  },
}

import { z } from 'zod'
import { testSettings } from '../settings.ts'
import { type CommandCase, here } from './case.ts'

const Finding = z.strictObject({
  id: z.string(),
  level: z.enum(['WARNING', 'ERROR']),
  message: z.string(),
  hint: z.string(),
})

export const checkCommands: Record<string, CommandCase> = {
  check: {
    success: here(['check', '--only', 'users', 'roles']),
    says: /^2 checks, nothing found\n$/,
    json: z.array(Finding),
    wrongUse: ['check', '--only', 'weather'],
    failure: here(['check'], { settings: testSettings({ SILENCED_CHECKS: 'weather.W001' }) }),
    because: /^Error: SILENCED_CHECKS: there is no check weather\.W001 \(\.\/manage check --list\)\n$/,
  },
}

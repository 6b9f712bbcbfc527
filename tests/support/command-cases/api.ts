import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { loadSettings } from '../../../app/core/config.ts'
import { testSettings } from '../settings.ts'
import { type CommandCase, type Place, here } from './case.ts'

const Route = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  path: z.string().startsWith('/'),
  access: z.enum(['public', 'user', 'session']),
  permissions: z.array(z.string().regex(/^[a-z_]+\.[a-z_]+$/)),
  roles: z.array(z.string()),
  body_limit: z.int().nullable(),
  idempotency_key: z.boolean(),
  rate_limit: z.strictObject({ requests: z.int(), seconds: z.int() }).nullable(),
})

function strayFolder({ folder }: Place) {
  mkdirSync(join(folder, 'migrations', 'stray'), { recursive: true })
  return { settings: { ...testSettings(), directory: folder } }
}

export const apiCommands: Record<string, CommandCase> = {
  routes: {
    success: here(['routes']),
    says: /│ POST +│ \/api\/v1\/products +│ product\.create +│ body 10 MB, Idempotency-Key +│\n/,
    json: z.array(Route).min(50),
    wrongUse: ['routes', '--method', 'fetch'],
    failure: here(['routes'], strayFolder),
    because: /^Error: migrations\/stray: a migration's folder is named like .+\n$/,
  },
  openapi: {
    success: here(['openapi']),
    says: /^\{\n {2}"openapi": "3\.1\.0",\n/,
    json: z.object({ openapi: z.literal('3.1.0'), paths: z.record(z.string(), z.object()) }),
    wrongUse: ['openapi', '--output'],
    failure: here(['openapi', '--output', 'package.json/openapi.json']),
    because: /^Error: package\.json\/openapi\.json: .*not a directory.*\n$/,
  },
  completion: {
    success: here(['completion', 'bash']),
    says: /\ncomplete -F _fastvue_manage manage\n$/,
    json: z.strictObject({ shell: z.literal('bash'), script: z.string().includes('complete -F') }),
    wrongUse: ['completion', 'powershell'],
    failure: here(['completion', 'bash'], { settings: () => loadSettings({ PORT: 'many' }, '/no/such/folder') }),
    because: /^Error: PORT: expected a whole number from 0 to 65535\n$/,
  },
}

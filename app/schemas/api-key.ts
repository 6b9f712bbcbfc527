import { z } from 'zod'
import { Id, Timestamp, listResponse, text } from './common.ts'

export const ApiKeyCreate = z
  .strictObject({
    name: text(1, 100).meta({ description: 'What it is for' }),
    permissions: z
      .array(text(1, 100))
      .min(1)
      .max(1000)
      .meta({ description: 'At most what you may do yourself', examples: [['product.read']] }),
    expires_at: z.iso
      .datetime({ offset: true, error: 'expected a time such as 2026-11-23T09:30:00Z', abort: true })
      .refine((time) => Date.parse(time) > Date.now(), { error: 'expected a time to come' })
      .nullish()
      .meta({ description: 'Without it, the key is good until it is deleted' }),
    company_id: Id.optional().meta({ description: 'The one company it is for; by default the current one' }),
  })
  .meta({ id: 'ApiKeyCreate' })

export const ApiKeyResponse = z
  .object({
    id: Id,
    name: z.string(),
    company_id: Id,
    permissions: z.array(z.string()),
    expires_at: Timestamp.nullable(),
    created_at: Timestamp,
    last_used_at: Timestamp.nullable().meta({ description: 'To the minute' }),
  })
  .meta({ id: 'ApiKey' })

export const ApiKeyCreated = ApiKeyResponse.extend({
  key: z.string().meta({ description: 'Shown this once. Send it as a bearer token' }),
}).meta({ id: 'ApiKeyCreated' })

export const ApiKeysResponse = listResponse(ApiKeyResponse).meta({ id: 'ApiKeys' })

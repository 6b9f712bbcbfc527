import { z } from 'zod'
import { Id, JsonObject, Timestamp, jsonInput, text } from './common.ts'
import { WebAddress } from './identity.ts'

// What `enterpriseModel()` brings besides a model's own fields.

/** What a caller may send of it. */
export const enterpriseInput = {
  is_active: z.boolean(),
  metadata: jsonInput(),
  url: WebAddress.max(2000).nullable(),
  url_label: text(0, 255).nullable(),
}

/** What a reply shows of it. */
export const enterpriseOutput = {
  is_active: z.boolean(),
  metadata: JsonObject,
  url: z.string().nullable(),
  url_label: z.string().nullable(),
  version: z.int(),
  created_by: Id.nullable(),
  updated_by: Id.nullable(),
  created_at: Timestamp,
  updated_at: Timestamp,
}

import { z } from 'zod'
import { Decimal, Id, Timestamp, decimalInput, text } from './common.ts'

const fields = {
  name: text(1, 255),
  sku: text(1, 50),
  price: decimalInput(10, 2),
  description: text(0, 5000).nullable(),
  is_active: z.boolean(),
  metadata: z.record(z.string(), z.unknown()),
  url: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .nullable(),
  url_label: text(0, 255).nullable(),
}

export const ProductCreate = z
  .strictObject(fields)
  .partial({ description: true, is_active: true, metadata: true, url: true, url_label: true })
  .extend({ company_id: Id.optional() })
  .meta({ id: 'ProductCreate' })

export const ProductUpdate = z
  .strictObject(fields)
  .partial()
  .extend({ version: z.int().positive().optional() })
  .meta({ id: 'ProductUpdate' })

export const ProductResponse = z
  .object({
    id: Id,
    company_id: Id,
    name: z.string(),
    sku: z.string(),
    price: Decimal,
    description: z.string().nullable(),
    is_active: z.boolean(),
    metadata: z.record(z.string(), z.unknown()),
    url: z.string().nullable(),
    url_label: z.string().nullable(),
    version: z.int(),
    created_by: Id.nullable(),
    updated_by: Id.nullable(),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({ id: 'Product' })

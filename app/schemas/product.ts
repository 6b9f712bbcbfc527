import { z } from 'zod'
import { Decimal, Id, decimalInput, text } from './common.ts'
import { enterpriseInput, enterpriseOutput } from './enterprise.ts'

const required = { name: text(1, 255), sku: text(1, 50), price: decimalInput(10, 2) }
const optional = { description: text(0, 5000).nullable(), ...enterpriseInput }

export const ProductCreate = z
  .strictObject({ ...required, ...z.object(optional).partial().shape, company_id: Id.optional() })
  .meta({ id: 'ProductCreate' })

export const ProductUpdate = z
  .strictObject({ ...required, ...optional })
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
    ...enterpriseOutput,
  })
  .meta({ id: 'Product' })

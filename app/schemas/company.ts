import { z } from 'zod'
import { Id, Timestamp, listResponse, text } from './common.ts'
import { Email, TimeZone, WebAddress } from './identity.ts'

const fields = z.strictObject({
  name: text(1, 255),
  description: text(0, 10_000).nullable(),
  parent_company_id: Id.nullable(),
  is_headquarters: z.boolean(),
  is_active: z.boolean(),
  address: text(0, 500).nullable(),
  city: text(0, 100).nullable(),
  state: text(0, 100).nullable(),
  country: text(0, 100).nullable(),
  zip_code: text(0, 20).nullable(),
  phone: text(0, 50).nullable(),
  email: Email.nullable(),
  website: WebAddress.max(255).nullable(),
  tax_id: text(0, 50).nullable(),
  registration_number: text(0, 100).nullable(),
  timezone: TimeZone,
  currency: text(1, 10),
})

/** The natural key, by which files refer to a company: given once, kept in upper case. */
const Code = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,50}$/, 'must have 1 to 50 characters, of letters, digits, "-" and "_"')
  .transform((code) => code.toUpperCase())

export const CompanyCreate = fields
  .partial()
  .extend({ name: fields.shape.name, code: Code })
  .meta({ id: 'CompanyCreate' })

export const CompanyUpdate = fields.partial().meta({ id: 'CompanyUpdate' })

const optional = z.string().nullable()

// No input rules: a stored row that breaks one must not make a list fail.
export const CompanyResponse = z
  .object({
    id: Id,
    name: z.string(),
    code: z.string(),
    description: optional,
    parent_company_id: Id.nullable(),
    is_headquarters: z.boolean(),
    is_active: z.boolean(),
    address: optional,
    city: optional,
    state: optional,
    country: optional,
    zip_code: optional,
    phone: optional,
    email: optional,
    website: optional,
    tax_id: optional,
    registration_number: optional,
    timezone: z.string(),
    currency: z.string(),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({ id: 'Company' })

export const CompanyListResponse = listResponse(CompanyResponse).meta({ id: 'CompanyList' })

export const OwnCompaniesResponse = listResponse(
  z.object({ id: Id, name: z.string(), code: z.string(), is_default: z.boolean(), roles: z.array(z.string()) }),
).meta({ id: 'OwnCompanies' })

import { z } from 'zod'
import { canonical } from '../core/permissions.ts'
import { text } from './common.ts'
import { Email, Username } from './identity.ts'
import { ProductCreate } from './product.ts'

// Natural keys and names: a space at an end would make two of what a reader takes for one.
const label = (max: number) =>
  text(1, max).refine((value) => value === value.trim(), 'must not begin or end with a space')
const optionalText = (max: number) => text(0, max).nullish()
const flag = z.boolean().optional()

const Code = label(50)
const RoleName = label(100)
const PermissionName = z
  .string()
  .max(100)
  .regex(/^[a-z][a-z0-9_]*[.:][a-z][a-z0-9_]*$/, 'must be spelt resource.action, in lower case')
  .transform(canonical)
const codename = z
  .string()
  .max(100)
  .regex(/^[a-z0-9_]+$/, 'must have lower-case letters, digits and "_" only')
  .optional()

const Company = z.strictObject({
  code: Code,
  name: label(255),
  description: optionalText(10_000),
  parent_company_code: Code.nullish(),
  is_headquarters: flag,
  is_active: flag,
  address: optionalText(500),
  city: optionalText(100),
  state: optionalText(100),
  country: optionalText(100),
  zip_code: optionalText(20),
  phone: optionalText(50),
  email: optionalText(255),
  website: optionalText(255),
  tax_id: optionalText(50),
  registration_number: optionalText(100),
  timezone: text(1, 50).optional(),
  currency: text(1, 10).optional(),
})

const Permission = z
  .strictObject({
    name: PermissionName,
    description: optionalText(10_000),
    resource: z.string().optional(),
    action: z.string().optional(),
  })
  .refine(({ name, resource, action }) => {
    const [ofResource, toDo] = name.split('.')
    return (resource ?? ofResource) === ofResource && (action ?? toDo) === toDo
  }, 'resource and action differ from the name')

const Role = z.strictObject({
  name: RoleName,
  codename,
  description: optionalText(10_000),
  company_code: Code.nullish(),
  is_system_role: flag,
  is_active: flag,
  permissions: z.array(PermissionName).optional(),
})

const User = z
  .strictObject({
    email: Email,
    username: Username,
    password: text(1, 128).optional(),
    // Bounded costs: a log-in must not be able to take gigabytes of memory.
    password_hash: z
      .string()
      .max(255)
      .regex(
        /^\$argon2id\$v=19\$m=\d{1,6},t=\d{1,2},p=\d{1,2}\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{16,}$/,
        'must be an argon2id hash in PHC format',
      )
      .optional(),
    full_name: optionalText(255),
    is_active: flag,
    is_superuser: flag,
    is_verified: flag,
    current_company_code: Code.nullish(),
    avatar_url: optionalText(500),
    bio: optionalText(10_000),
    phone: optionalText(50),
    location: optionalText(255),
    website: optionalText(500),
    timezone: text(1, 50).optional(),
    language: text(1, 10).optional(),
  })
  .refine(({ password, password_hash }) => !password || !password_hash, 'give password or password_hash, not both')

const Group = z.strictObject({
  name: label(100),
  codename,
  company_code: Code,
  description: optionalText(10_000),
  is_active: flag,
  users: z.array(Email).optional(),
  permissions: z.array(PermissionName).optional(),
})

const UserCompanyRole = z.strictObject({
  user_email: Email,
  company_code: Code,
  role_name: RoleName,
  is_default: flag,
  is_active: flag,
})

const Product = ProductCreate.omit({ company_id: true }).extend({
  company_code: Code,
  name: label(255),
  sku: label(50),
})

/** The sections of a demo data file, in the order in which they are loaded: each refers to those before it. */
export const SECTIONS = {
  companies: Company,
  permissions: Permission,
  roles: Role,
  users: User,
  groups: Group,
  user_company_roles: UserCompanyRole,
  products: Product,
}

export type SectionName = keyof typeof SECTIONS
/** One item of a section, checked. References are natural keys, never ids; a field that is missing is left as it is. */
export type Item<Section extends SectionName> = z.output<(typeof SECTIONS)[Section]>

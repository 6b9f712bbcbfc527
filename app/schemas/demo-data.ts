import { z } from 'zod'
import { isSafeLink } from '../core/links.ts'
import { canonical } from '../core/permissions.ts'
import { ActivityCategory, ActivityLevel } from '../models/activity-log.ts'
import { MessageLevel, MessageType } from '../models/message.ts'
import { momentInput, text } from './common.ts'
import { Email, NewPassword, Username } from './identity.ts'
import { ProductCreate } from './product.ts'

const optionalText = (max: number) => text(0, max).nullish()
const flag = z.boolean().optional()
// Handed on as it is: z.record would copy it, name by name.
const object = z.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be an object',
)
// As PostgreSQL prints it, so that what is loaded compares equal to what is stored.
const moment = momentInput('must be a time such as 2026-01-31T09:30:00.000Z', 'must be of the years 1 to 9999')
const created_at = moment.optional()

// A space at an end would make two of what a reader takes for one. Other names may have one: requests can give it to them.
const Code = text(1, 50).refine((value) => value === value.trim(), 'must not begin or end with a space')
const RoleName = text(1, 100)
const PermissionName = z
  .string()
  .max(100)
  .regex(/^[a-z][a-z0-9_]*[.:][a-z][a-z0-9_]*$/, 'must be spelt resource.action, in lower case')
  .transform(canonical)
const codename = z
  .string()
  .max(100)
  .regex(/^[\p{Ll}\p{Lo}\p{Lm}\p{N}_]+$/u, 'must have lower-case letters, digits and "_" only')
  .optional()

const Company = z.strictObject({
  code: Code,
  name: text(1, 255),
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
  created_at,
})

const Permission = z
  .strictObject({
    name: PermissionName,
    description: optionalText(10_000),
    resource: z.string().optional(),
    action: z.string().optional(),
    is_active: flag,
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
  created_at,
})

const User = z
  .strictObject({
    email: Email,
    username: Username,
    password: NewPassword.min(1).optional(),
    // Null: an account without a password, whose owner logs in another way. Bounded costs: a log-in must not be able to take
    // gigabytes of memory.
    password_hash: z
      .string()
      .max(255)
      .regex(
        /^\$argon2id\$v=19\$m=\d{1,6},t=\d{1,2},p=\d{1,2}\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{16,}$/,
        'must be an argon2id hash in PHC format',
      )
      .nullish(),
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
    created_at,
  })
  .refine(({ password, password_hash }) => !password || !password_hash, 'give password or password_hash, not both')

const Group = z.strictObject({
  name: text(1, 100),
  codename,
  company_code: Code,
  description: optionalText(10_000),
  is_active: flag,
  users: z.array(Email).optional(),
  permissions: z.array(PermissionName).optional(),
  created_at,
})

const UserCompanyRole = z.strictObject({
  user_email: Email,
  company_code: Code,
  role_name: RoleName,
  /** Null: everybody's role, also where the company has one of that name; by default the company's comes first. */
  role_company_code: z.null().optional(),
  is_default: flag,
  is_active: flag,
  created_at,
})

const Product = ProductCreate.omit({ company_id: true }).extend({
  company_code: Code,
  name: text(1, 255),
  sku: text(1, 50),
  created_at,
})

// History: what happened, told in any number of items. Each is one of its own by its `uid`; one that names none gets the same one
// each time it is loaded, made of what it says.
const Uuid = z.uuid('must be a UUID').transform((value) => value.toLowerCase())
const uid = Uuid.optional()

const Notification = z
  .strictObject({
    uid,
    created_at,
    user_email: Email,
    /** By default the user's current company. */
    company_code: Code.optional(),
    title: text(1, 255),
    description: optionalText(10_000),
    level: z.enum(MessageLevel).optional(),
    link: optionalText(2000),
    data: object.optional(),
    is_read: flag,
    read_at: moment.nullish(),
    /** The record that it is about: its table, and its natural key there. */
    model_name: text(1, 100).nullish(),
    record_key: text(1, 255).nullish(),
    is_internal: flag,
  })
  .refine(({ model_name, record_key }) => !model_name === !record_key, {
    path: ['record_key'],
    error: 'goes with a model_name',
  })
  .refine(({ company_code, record_key }) => !record_key || company_code, {
    path: ['company_code'],
    error: 'is required with a record_key',
  })

const ActivityLog = z
  .strictObject({
    uid,
    created_at,
    company_code: Code.nullish(),
    user_email: Email.nullish(),
    action: text(1, 50),
    category: z.enum(ActivityCategory).optional(),
    level: z.enum(ActivityLevel).optional(),
    entity_type: optionalText(100),
    /** The entity's natural key, in a table that has one: a product's SKU, a user's e-mail. */
    entity_key: optionalText(255),
    entity_name: optionalText(255),
    description: optionalText(10_000),
    old_values: object.nullish(),
    new_values: object.nullish(),
    metadata: object.optional(),
    ip_address: optionalText(45),
    user_agent: optionalText(500),
    request_id: optionalText(100),
    session_id: Uuid.nullish(),
    success: flag,
    error_message: optionalText(10_000),
    risk_score: z.int().min(0).max(100).optional(),
    risk_reasons: z.array(text(1, 255)).optional(),
    is_suspicious: flag,
  })
  .refine(({ entity_type, entity_key }) => !entity_key || entity_type, {
    path: ['entity_type'],
    error: 'is required with an entity_key',
  })

const Message = z.strictObject({
  uid,
  created_at,
  company_code: Code,
  /** The record's table, and its natural key there: `products` and a SKU. */
  model_name: text(1, 100),
  record_key: text(1, 255),
  user_email: Email.nullish(),
  /** Of a message of the same record. */
  parent_uid: Uuid.nullish(),
  subject: optionalText(255),
  body: text(1, 100_000),
  body_html: optionalText(1_000_000),
  message_type: z.enum(MessageType).optional(),
  level: z.enum(MessageLevel).optional(),
  is_internal: flag,
  is_pinned: flag,
  edited_at: moment.nullish(),
  attachments: z
    .array(
      z.strictObject({
        name: text(1, 255),
        url: text(1, 2000).refine(isSafeLink, 'must be an http or https address, or a path that begins with one "/"'),
        content_type: text(1, 255).optional(),
        size: z.int().min(0).optional(),
      }),
    )
    .optional(),
  metadata: object.optional(),
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

/** The sections that may be long, after the others: read, checked and written piece by piece. */
export const HISTORY_SECTIONS = { notifications: Notification, activity_logs: ActivityLog, messages: Message }

export type HistoryName = keyof typeof HISTORY_SECTIONS
export type HistoryItem<Section extends HistoryName> = z.output<(typeof HISTORY_SECTIONS)[Section]>

export type SectionName = keyof typeof SECTIONS
/** One item of a section, checked. References are natural keys, never ids; a field that is missing is left as it is. */
export type Item<Section extends SectionName> = z.output<(typeof SECTIONS)[Section]>

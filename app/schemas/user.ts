import { z } from 'zod'
import { passwordFaults } from '../core/passwords.ts'
import { Id, PathId, Timestamp, listResponse, text } from './common.ts'
import { Email, NewPassword, TimeZone, Username, WebAddress } from './identity.ts'

const profile = z.strictObject({
  full_name: text(0, 255).nullable(),
  phone: text(0, 50).nullable(),
  avatar_url: WebAddress.max(500).nullable(),
  bio: text(0, 10_000).nullable(),
  location: text(0, 255).nullable(),
  website: WebAddress.max(500).nullable(),
  timezone: TimeZone,
  language: text(1, 10),
})
const flags = { is_active: z.boolean(), is_verified: z.boolean(), is_superuser: z.boolean() }

const GivenPassword = z.object({
  password: NewPassword,
  username: z.string().catch(''),
  email: z.string().catch(''),
})

export const UserCreate = profile
  .extend(flags)
  .partial()
  .extend({
    email: Email,
    username: Username,
    password: NewPassword,
    role_id: Id.optional().meta({ description: 'The role in the company; the system role `member` by default' }),
    company_id: Id.nullable().optional().meta({ description: 'null, from a superuser: a member of no company' }),
  })
  // Told with the faults of the other fields, whatever those are.
  .superRefine(refuseWeakPassword, { when: ({ value }) => GivenPassword.safeParse(value).success })
  .meta({ id: 'UserCreate' })

function refuseWeakPassword(given: unknown, ctx: z.core.$RefinementCtx): void {
  const { password, ...owner } = GivenPassword.parse(given)
  for (const message of passwordFaults(password, owner))
    ctx.addIssue({ code: 'custom', path: ['password'], message, params: { type: 'weak_password' } })
}

export const UserUpdate = profile
  .extend({ ...flags, email: Email, username: Username })
  .partial()
  .meta({ id: 'UserUpdate' })

export const OwnProfileUpdate = profile.extend({ email: Email }).partial().meta({ id: 'OwnProfileUpdate' })

// No input rules: a stored row that breaks one must not make a list fail.
export const UserResponse = z
  .object({
    id: Id,
    email: z.string(),
    username: z.string(),
    full_name: z.string().nullable(),
    phone: z.string().nullable(),
    avatar_url: z.string().nullable(),
    bio: z.string().nullable(),
    location: z.string().nullable(),
    website: z.string().nullable(),
    timezone: z.string(),
    language: z.string(),
    is_active: z.boolean(),
    is_verified: z.boolean(),
    is_superuser: z.boolean(),
    current_company_id: Id.nullable().meta({
      description: 'The company of the request; to a superuser, the one in which they are',
    }),
    last_login_at: Timestamp.nullable().meta({ description: 'Your own; null where it is somebody else’s' }),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({ id: 'User' })

/** The same of oneself: whose password alone logs in is nothing for others to know. */
export const OwnUserResponse = UserResponse.extend({ two_factor_enabled: z.boolean() }).meta({ id: 'OwnUser' })

/** What a list can be filtered and sorted by: not what tells of other companies, of which a reply shows little. */
export const UserFilters = UserResponse.omit({ current_company_id: true, last_login_at: true })

export const UserListResponse = listResponse(UserResponse).meta({ id: 'UserList' })

export const MembershipCreate = z
  .strictObject({ company_id: Id, role_id: Id, is_default: z.boolean().optional() })
  .meta({ id: 'MembershipCreate' })

export const MembershipParams = z.strictObject({
  id: PathId,
  company_id: PathId,
})

export const MembershipResponse = z
  .object({
    company_id: Id,
    role_id: Id,
    role_name: z.string(),
    role_codename: z.string(),
    is_default: z.boolean(),
    is_active: z.boolean(),
  })
  .meta({ id: 'Membership' })

export const UserDetailResponse = UserResponse.extend({
  company_roles: z.array(MembershipResponse).meta({ description: 'In the companies that you see' }),
  permissions: z.array(z.string()).meta({ description: 'In the company of the request' }),
}).meta({ id: 'UserDetail' })

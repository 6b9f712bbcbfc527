import { z } from 'zod'
import { Id, PathId, Timestamp, text } from './common.ts'

/** A permission's name in either spelling. */
export const PermissionNameInput = text(1, 150).meta({ examples: ['product.read', 'product:read'] })
export const PermissionNames = z.array(PermissionNameInput).max(1000)

/** Made of the name where it is not given; requests and guards know the role or group by it, so it never changes. */
export const Codename = z
  .string()
  .regex(/^[a-z0-9_]{1,100}$/, 'must have 1 to 100 characters, of lower-case letters, digits and "_"')

export const PermissionResponse = z
  .object({
    id: Id,
    name: z.string(),
    description: z.string().nullable(),
    resource: z.string(),
    action: z.string(),
    is_active: z.boolean(),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({ id: 'Permission' })

export const PermissionsByResource = z
  .array(z.object({ resource: z.string(), permissions: z.array(PermissionResponse) }))
  .meta({ id: 'PermissionsByResource' })

export const ExplainQuery = z.strictObject({
  user_id: PathId.optional().meta({ description: 'By default yourself' }),
  permission: PermissionNameInput,
  company_id: PathId.optional(),
})

const step = (name: string, shape: z.ZodRawShape) => z.object({ step: z.literal(name), ...shape })

export const ExplainResponse = z
  .object({
    allowed: z.boolean(),
    user_id: Id,
    permission: z.string(),
    company_id: Id,
    via: z.array(
      z.object({ type: z.enum(['superuser', 'role', 'group']), id: Id, name: z.string(), permission: z.string() }),
    ),
    reasons: z.array(
      z.object({
        code: z.enum([
          'user_inactive',
          'company_inactive',
          'no_membership',
          'membership_inactive',
          'role_inactive',
          'group_inactive',
          'permission_inactive',
          'not_granted',
        ]),
        id: Id,
        name: z.string(),
      }),
    ),
    smallest_grant: z
      .array(
        z.union([
          step('activate_user', { user_id: Id }),
          step('activate_company', { company_id: Id }),
          step('activate_permission', { permission: z.string() }),
          step('activate_membership', { user_company_role_id: Id }),
          step('activate_role', { role_id: Id }),
          step('activate_group', { group_id: Id }),
          step('assign_role', { role_id: Id }),
          step('add_to_group', { group_id: Id }),
          step('grant_to_role', { role_id: Id, permission: z.string() }),
          step('grant_to_group', { group_id: Id, permission: z.string() }),
        ]),
      )
      .nullable()
      .meta({ description: 'The fewest steps that would permit it; null when it is permitted or cannot be' }),
  })
  .meta({ id: 'Explanation' })

import { z } from 'zod'
import { Id, Timestamp, text } from './common.ts'
import { Codename, PermissionNames } from './permission.ts'

const fields = {
  name: text(1, 100),
  description: text(0, 5000).nullable(),
  is_active: z.boolean(),
  permissions: PermissionNames,
}

export const RoleCreate = z
  .strictObject(fields)
  .partial({ description: true, is_active: true, permissions: true })
  .extend({
    codename: Codename.optional(),
    company_id: Id.nullish().meta({ description: 'null, for superusers: a role of all companies' }),
  })
  .meta({ id: 'RoleCreate' })

export const RoleUpdate = z.strictObject(fields).partial().meta({ id: 'RoleUpdate' })

export const RolePermissions = z.strictObject({ permissions: PermissionNames }).meta({ id: 'RolePermissions' })

export const RoleResponse = z
  .object({
    id: Id,
    name: z.string(),
    codename: z.string(),
    description: z.string().nullable(),
    company_id: Id.nullable(),
    is_system_role: z.boolean(),
    is_active: z.boolean(),
    permissions: z.array(z.string()),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({ id: 'Role' })

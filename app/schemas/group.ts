import { z } from 'zod'
import { Id, Timestamp, text } from './common.ts'
import { Codename, PermissionNames } from './permission.ts'

const UserIds = z.array(Id).max(1000)
const fields = {
  name: text(1, 100),
  description: text(0, 5000).nullable(),
  is_active: z.boolean(),
  permissions: PermissionNames,
  user_ids: UserIds,
}

export const GroupCreate = z
  .strictObject(fields)
  .partial({ description: true, is_active: true, permissions: true, user_ids: true })
  .extend({ codename: Codename.optional(), company_id: Id.optional() })
  .meta({ id: 'GroupCreate' })

export const GroupUpdate = z.strictObject(fields).partial().meta({ id: 'GroupUpdate' })

export const GroupPermissions = z.strictObject({ permissions: PermissionNames }).meta({ id: 'GroupPermissions' })

export const GroupUsers = z.strictObject({ user_ids: UserIds }).meta({ id: 'GroupUsers' })

const stored = z.object({
  id: Id,
  name: z.string(),
  codename: z.string(),
  description: z.string().nullable(),
  company_id: Id,
  is_system_group: z.boolean(),
  is_active: z.boolean(),
  created_at: Timestamp,
  updated_at: Timestamp,
})

/** What a list of groups can be filtered and sorted by: what is counted or gathered is not. */
export const GroupFields = stored

export const GroupResponse = stored
  .extend({ permissions: z.array(z.string()), member_count: z.int() })
  .meta({ id: 'Group' })

export const GroupDetailResponse = GroupResponse.extend({
  user_ids: z.array(Id),
  members: z.array(z.object({ id: Id, username: z.string(), full_name: z.string().nullable() })),
}).meta({ id: 'GroupDetail' })

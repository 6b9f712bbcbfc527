import { ActivityCategory } from '../../models/activity-log.ts'
import type { Context } from '../context.ts'
import { ActivityLog } from './activity-log.ts'
import { changedValues } from './changed-values.ts'

/** A role, or a group with its members. */
interface Granting {
  id: number
  name: string
  company_id: number | null
  permissions: string[]
  user_ids?: number[]
}

/** A change by which people may do more or less than before: in the company of the role or group. */
export async function recordRights(
  ctx: Context,
  entity_type: 'roles' | 'groups',
  action: 'create' | 'update' | 'delete',
  { before, after }: { before?: Granting; after?: Granting },
): Promise<void> {
  const one = after ?? before
  if (!one) return
  await ActivityLog.create(ctx, {
    action,
    category: ActivityCategory.AUTHORIZATION,
    company_id: one.company_id,
    entity_type,
    entity_id: one.id,
    entity_name: one.name,
    ...(before && after
      ? changedValues(told(before), told(after))
      : { [after ? 'new_values' : 'old_values']: told(one) }),
  })
}

/** Members by their ids: their names are in `users`. */
const told = ({ permissions, user_ids, ...row }: Granting) => ({
  name: row.name,
  ...('is_active' in row && { is_active: row.is_active }),
  ...('description' in row && { description: row.description }),
  permissions: permissions.toSorted(),
  ...(user_ids && { user_ids: user_ids.toSorted((a, b) => a - b) }),
})

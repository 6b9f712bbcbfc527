import type { Db } from '../../db/session.ts'
import { ActivityCategory, ActivityLevel } from '../../models/activity-log.ts'
import { ActivityLog } from '../activity/activity-log.ts'
import type { Context, CurrentUser } from '../context.ts'
import type { UserChanges } from './change.ts'
import { companiesOf } from './rights.ts'

type Action = 'create' | 'update' | 'delete' | 'restore'

/**
 * Tells of a change of a user: in the context's company where the user is of it, else in none, since that company would be
 * told of another one's user.
 */
export async function recordUserChange(
  ctx: Context,
  db: Db,
  action: Action,
  user: CurrentUser,
  { before, changes = {} }: { before?: CurrentUser; changes?: UserChanges } = {},
): Promise<void> {
  const { is_superuser, ...visible } = changes
  const { company_id } = ctx
  const isMember = company_id !== null && (await companiesOf(db, user.id)).includes(company_id)
  if (action !== 'update' || Object.keys(visible).length > 0)
    await ActivityLog.create(ctx, {
      company_id: isMember ? company_id : null,
      action,
      category: ActivityCategory.USER_MANAGEMENT,
      ...entityOf(user),
      old_values: before && valuesOf(before, visible),
      new_values: action === 'create' || action === 'update' ? valuesOf(user, visible) : null,
    })
  if (is_superuser !== undefined) await recordSuperuser(ctx, user, is_superuser)
}

/** Tells that somebody has become a superuser, or is one no more: of no company, because it is so in all of them. */
export async function recordSuperuser(ctx: Context, user: Named, is_superuser: boolean): Promise<void> {
  await ActivityLog.create(ctx, {
    company_id: null,
    action: is_superuser ? 'promote_superuser' : 'demote_superuser',
    category: ActivityCategory.AUTHORIZATION,
    level: ActivityLevel.WARNING,
    ...entityOf(user),
  })
}

type Named = Pick<CurrentUser, 'id' | 'username'> & { full_name?: string | null }

const entityOf = ({ id, username, full_name }: Named) => ({
  entity_type: 'users',
  entity_id: id,
  entity_name: full_name ?? username,
})

/** Of the fields that changed. */
function valuesOf(user: CurrentUser, changes: UserChanges): Record<string, unknown> {
  return Object.fromEntries(Object.entries(user).filter(([field]) => Object.hasOwn(changes, field)))
}

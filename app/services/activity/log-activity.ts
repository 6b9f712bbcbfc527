import { getTableName } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import { ACTIVITY, hasFeature } from '../../models/base.ts'
import type { Context } from '../context.ts'
import { ActivityLog, type NewActivity } from './activity-log.ts'
import type { ActivityLogRow } from './record.ts'

/** What a record may be called by, the best first. */
const NAMES = ['name', 'title', 'full_name', 'username', 'email', 'code']

/**
 * Tells of something that happened to a record of a model with `activityMixin`, beside its creation, changes and deletion, which
 * are told by themselves: `logActivity(ctx, projects, project, { action: 'approve' })`.
 * @throws Error for a model without the mixin
 */
export function logActivity(
  ctx: Context,
  table: PgTable,
  record: { id: number },
  activity: Omit<NewActivity, 'entity_type' | 'entity_id' | 'entity_name'>,
): Promise<ActivityLogRow> {
  const entity_type = getTableName(table)
  if (!hasFeature(table, ACTIVITY)) throw new Error(`${entity_type} has no activityMixin`)
  return ActivityLog.create(ctx, { ...activity, entity_type, entity_id: record.id, entity_name: nameOf(record) })
}

function nameOf(record: object): string | null {
  const fields = new Map<string, unknown>(Object.entries(record))
  const name = NAMES.map((field) => fields.get(field)).find((value) => typeof value === 'string' && value !== '')
  return typeof name === 'string' ? name : null
}

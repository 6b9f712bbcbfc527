import { ActivityCategory } from '../../models/activity-log.ts'
import type { Context } from '../context.ts'
import { ActivityLog } from './activity-log.ts'

/** What is told of files: that one was loaded, or written. No file takes these entries along: they are about files. */
export const DATA_TRANSFERS = ['load_data', 'export_data'] as const

/** Tells that data came in or went out: in the company whose data alone it was, else in none. */
export async function recordTransfer(
  ctx: Context,
  action: (typeof DATA_TRANSFERS)[number],
  metadata: Record<string, unknown>,
): Promise<void> {
  const category = ctx.company_id === null ? ActivityCategory.SYSTEM_MANAGEMENT : ActivityCategory.DATA_MANAGEMENT
  await ActivityLog.create(ctx, { action, category, metadata })
}

import { activityLogs } from '../../models/index.ts'
import { BaseCRUDService } from '../base.ts'
import type { Context } from '../context.ts'

/** Entries as a company sees them. For reading: nothing changes or deletes an entry. */
export class ActivityRecords extends BaseCRUDService<typeof activityLogs> {
  protected override readonly search = ['description', 'entity_name']

  constructor(ctx: Context) {
    super(activityLogs, ctx)
  }
}

import { type SQL, and, eq, inArray, not, sql } from 'drizzle-orm'
import { inboxCounters } from '../../models/index.ts'
import type { InboxItemType } from '../../models/inbox.ts'
import { BaseCRUDService, USER, type View } from '../base.ts'
import type { Context } from '../context.ts'
import { sightOf } from '../threads/seen.ts'

/** How much the caller has not read: from counters that a trigger keeps (migration 0007), a few rows for each user. */
export class InboxCountersService extends BaseCRUDService<typeof inboxCounters> {
  readonly #view: View

  constructor(ctx: Context) {
    super(inboxCounters, ctx)
    const { models, internal, key } = sightOf(ctx.permissions)
    this.#view = {
      key,
      where: and(
        eq(inboxCounters.user_id, USER),
        inArray(inboxCounters.model_name, ['', ...models]),
        internal ? undefined : not(inboxCounters.is_internal),
      ),
    }
  }

  protected override view(): View {
    return this.#view
  }

  async unread(): Promise<{ unread_count: number; unread_by_type: Record<InboxItemType, number> }> {
    const rows = await this.run<{ item_type: InboxItemType; unread: number }>('unread', {}, () =>
      this.ctx.db
        .select({ item_type: inboxCounters.item_type, unread: UNREAD.as('unread') })
        .from(inboxCounters)
        .where(this.scope())
        .groupBy(inboxCounters.item_type),
    )
    const unread_by_type = { message: 0, mention: 0, notification: 0, activity: 0 }
    for (const { item_type, unread } of rows) unread_by_type[item_type] = unread
    return { unread_count: Object.values(unread_by_type).reduce((sum, n) => sum + n), unread_by_type }
  }
}

const UNREAD: SQL<number> = sql<number>`sum(${inboxCounters.unread})::integer`

import type { InferInsertModel } from 'drizzle-orm'
import { inboxItems } from '../../models/index.ts'
import type { Context } from '../context.ts'
import { emit } from '../live/emit.ts'

export type NewInboxItem = Omit<InferInsertModel<typeof inboxItems>, 'id' | 'company_id'>

/**
 * Puts items into inboxes of the context's company and tells their owners, in the transaction of `ctx`: two statements,
 * whatever the number. Who may not read the record of an item does not see it.
 */
export async function deliver(ctx: Context, items: NewInboxItem[]): Promise<void> {
  const { company_id } = ctx
  if (items.length === 0 || company_id === null) return
  const delivered = await ctx.db
    .insert(inboxItems)
    .values(items.map((item) => ({ ...item, company_id })))
    .returning()
  await emit(
    ctx.db,
    delivered.map(({ user_id, model_name, record_id, is_internal, ...item }) => ({
      type: 'inbox:new' as const,
      company_id,
      user_id,
      model_name,
      record_id,
      is_internal,
      data: { id: item.id, item_type: item.item_type, title: item.title, priority: item.priority },
    })),
  )
}

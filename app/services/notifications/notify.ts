import type { InferInsertModel } from 'drizzle-orm'
import { notifications } from '../../models/index.ts'
import type { Context } from '../context.ts'
import { type NewInboxItem, deliver } from '../inbox/deliver.ts'
import { emit } from '../live/emit.ts'

export interface Notice extends Omit<InferInsertModel<typeof notifications>, 'id' | 'company_id'> {
  /** How it lies in the inbox: what it is about, and how urgent. */
  item?: Partial<Omit<NewInboxItem, 'user_id' | 'notification_id'>>
}

/**
 * Notifies users of the context's company: a notification and an inbox item each, and both events, in the transaction of
 * `ctx`. Four statements, whatever the number.
 */
export async function notify(ctx: Context, notices: Notice[]): Promise<void> {
  const { company_id } = ctx
  if (notices.length === 0 || company_id === null) return
  const rows = await ctx.db
    .insert(notifications)
    .values(
      notices.map(({ item: { model_name, record_id, is_internal } = {}, ...notice }) => ({
        model_name,
        record_id,
        is_internal,
        ...notice,
        company_id,
      })),
    )
    .returning()
  await deliver(
    ctx,
    rows.map(({ id, user_id, title, description }, n) => ({
      item_type: 'notification',
      title,
      preview: description,
      ...notices[n]?.item,
      user_id,
      notification_id: id,
    })),
  )
  await emit(
    ctx.db,
    rows.map(({ id, user_id, title, level, link }, n) => ({
      type: 'notification:new' as const,
      company_id,
      user_id,
      model_name: notices[n]?.item?.model_name,
      record_id: notices[n]?.item?.record_id,
      is_internal: notices[n]?.item?.is_internal,
      data: { id, title, level, link },
    })),
  )
}

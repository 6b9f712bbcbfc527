import type { InferInsertModel } from 'drizzle-orm'
import { getLogger } from '../../core/module-logger.ts'
import { inboxItems } from '../../models/index.ts'
import { Priority } from '../../models/inbox.ts'
import type { Context } from '../context.ts'
import { type NewJob, enqueue } from '../jobs/enqueue.ts'
import { emit } from '../live/emit.ts'
import { channelsOf } from '../notifications/channels.ts'
import { type Wishes, wishesOf } from './wishes.ts'

const log = getLogger(import.meta.url)

export type NewInboxItem = Omit<InferInsertModel<typeof inboxItems>, 'id' | 'company_id'>

/**
 * Puts items into inboxes of the context's company, tells their owners and queues their mails, in the transaction of `ctx`:
 * a number of statements that does not grow with theirs. Each owner decides by which ways they are told; what is urgent is in the inbox
 * whatever they have decided. Who may not read the record of an item does not see it.
 */
export async function deliver(ctx: Context, items: NewInboxItem[]): Promise<void> {
  const { company_id } = ctx
  if (items.length === 0 || company_id === null) return
  const wishes = await ctx.trusted((db) => wishesOf(db, [...new Set(items.map(({ user_id }) => user_id))]))
  const shown = items.filter((item) => item.priority === Priority.URGENT || wants(wishes, item).in_app)
  const ids = await show(ctx, company_id, shown)
  const mails = items
    .filter((item) => wants(wishes, item).email && wishes.get(item.user_id)?.has_mail)
    .map((item) => mailOf(company_id, item, ids.get(item)))
  if (mails.length > 0) await ctx.trusted((db) => enqueue(db, mails))
  log.debug(
    { request_id: ctx.request_id, company_id, items: shown.length, mails: mails.length },
    'inbox items delivered',
  )
}

const wants = (wishes: ReadonlyMap<number, Wishes>, { user_id, item_type }: NewInboxItem) =>
  channelsOf(wishes.get(user_id)?.channels ?? null, item_type)

/** @returns the ids that the items got */
async function show(ctx: Context, company_id: number, items: NewInboxItem[]): Promise<Map<NewInboxItem, number>> {
  if (items.length === 0) return new Map()
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
  return new Map(items.flatMap((item, n) => (delivered[n] ? [[item, delivered[n].id] as const] : [])))
}

/** Characters of a preview that a mail shows. */
const MAILED = 500

function mailOf(company_id: number, item: NewInboxItem, item_id: number | undefined): NewJob {
  const { user_id, item_type, title, preview, model_name, record_id, message_id, notification_id, is_internal } = item
  return {
    name: 'mail.notification',
    company_id,
    data: {
      user_id,
      company_id,
      item_type,
      item_id: item_id ?? null,
      message_id: message_id ?? null,
      notification_id: notification_id ?? null,
      model_name: model_name ?? null,
      record_id: record_id ?? null,
      is_internal: is_internal ?? false,
      // Of an internal message nothing lies in the queue that a mail must not say.
      title: is_internal ? null : title,
      preview: is_internal ? null : (preview?.slice(0, MAILED).toWellFormed() ?? null),
    },
  }
}

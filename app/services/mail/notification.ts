import { type SQL, and, eq, not, sql } from 'drizzle-orm'
import { appErrorIn } from '../../core/errors.ts'
import { allows } from '../../core/permissions.ts'
import { inboxItems, messages, notifications } from '../../models/index.ts'
import { type Context, demandCompany } from '../context.ts'
import type { Handler } from '../jobs/job.ts'
import { INTERNAL, demandRecord } from '../threads/records.ts'
import { MailData } from './data.ts'
import { quietUntil } from './quiet.ts'
import { readAs, recipientOf } from './recipient.ts'
import { notificationMail } from './text.ts'

/**
 * Tells somebody by mail what is in their inbox: if, now, they still want that, may see it and have not read it, and after
 * their quiet time. Nothing that was true when it was queued is believed.
 */
export const mailNotification: Handler = async (parts, job, now) => {
  const data = MailData.parse(job.data)
  const recipient = await recipientOf(parts, data.user_id)
  const company = recipient?.companies.find(({ id }) => id === data.company_id)
  if (!recipient || !company || !recipient.preferences.channels[data.item_type].email) return undefined
  const until = quietUntil(now, recipient.preferences)
  if (until) return { until }
  const seen = await readAs(parts, company, (ctx) => stillSeen(ctx, data))
  if (!seen) return undefined
  const { title, preview } = seen.is_internal ? { title: null, preview: null } : data
  const told = { title, preview, company: company.name, item_id: data.item_id }
  await parts.mailer.send(notificationMail(parts.settings, recipient.email, told, job.id))
  return undefined
}

/** Undefined for what is gone, was read, or may not be seen any more. */
async function stillSeen(ctx: Context, data: MailData): Promise<{ is_internal: boolean } | undefined> {
  const { model_name, record_id, message_id } = data
  if (!(await isUnread(ctx, data))) return undefined
  const message = message_id === null ? { is_internal: false } : await messageOf(ctx, message_id)
  if (!message) return undefined
  const is_internal = data.is_internal || message.is_internal
  if (is_internal && !allows(ctx.permissions, INTERNAL)) return undefined
  if (model_name === null || record_id === null) return { is_internal }
  try {
    await demandRecord(ctx, { model_name, record_id })
    return { is_internal }
  } catch (error) {
    if (appErrorIn(error)?.code === 'not_found') return undefined
    throw error
  }
}

async function isUnread(ctx: Context, { user_id, item_id, notification_id }: MailData): Promise<boolean> {
  const { db } = ctx
  const company_id = demandCompany(ctx)
  const unread = (table: typeof inboxItems | typeof notifications, id: number, more?: SQL) =>
    and(eq(table.company_id, company_id), eq(table.user_id, user_id), eq(table.id, id), not(table.is_read), more)
  const found = sql<boolean>`true`
  if (item_id !== null) {
    const where = unread(inboxItems, item_id, not(inboxItems.is_archived))
    return (await db.select({ found }).from(inboxItems).where(where)).length > 0
  }
  if (notification_id === null) return true
  return (await db.select({ found }).from(notifications).where(unread(notifications, notification_id))).length > 0
}

async function messageOf(ctx: Context, id: number): Promise<{ is_internal: boolean } | undefined> {
  const [message] = await ctx.db
    .select({ is_internal: messages.is_internal })
    .from(messages)
    .where(and(eq(messages.company_id, demandCompany(ctx)), eq(messages.id, id)))
  return message
}

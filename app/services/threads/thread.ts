import { getTableName } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Context } from '../context.ts'
import { type MessageContent, MessageService, type NewMessage } from '../message.ts'
import { FollowerService } from './followers.ts'
import type { ThreadOptions } from './message-reader.ts'

type NewEntry = Omit<NewMessage, 'model_name' | 'record_id'> & MessageContent

/**
 * The thread of one record of a model with `mailThreadMixin`: `thread(ctx, products, id).addMessage({ body })`. Each call
 * throws `not_found` where the caller may not read the record.
 */
export function thread(ctx: Context, table: PgTable, record_id: number) {
  const record = { model_name: getTableName(table), record_id }
  const messages = new MessageService(ctx)
  const followers = new FollowerService(ctx)
  return {
    addMessage: (entry: NewEntry) => messages.create({ ...entry, ...record }),
    /** The oldest first. */
    getMessages: (options: ThreadOptions = {}) => messages.getThread({ ...options, ...record }),
    /** The newest first. */
    getPinned: (options: ThreadOptions = {}) => messages.getPinned({ ...options, ...record }),
    getFollowers: () => followers.first(record),
    /** The caller, or these users. */
    follow: (user_ids?: number[]) => followers.follow(record, user_ids),
    /** The caller. */
    unfollow: () => followers.unfollow(record),
  }
}

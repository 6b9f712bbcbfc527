import type { Context } from '../context.ts'
import { emit } from '../live/emit.ts'
import type { StoredMessage } from './message-reader.ts'

/**
 * Tells live clients what happened to a message: which one, not what it says. Who may read it asks for it; what an event says
 * is kept for a while, and would outlive a change of who that is.
 */
export function announce(
  { db }: Context,
  happened: 'new' | 'updated' | 'deleted' | 'reaction',
  message: StoredMessage,
  more: Record<string, unknown> = {},
): Promise<void> {
  const { id, company_id, model_name, record_id, parent_id, user_id, message_type, level, is_internal } = message
  const data = { id, model_name, record_id, parent_id, user_id, message_type, level, is_internal, ...more }
  return emit(db, [{ type: `message:${happened}`, company_id, data, model_name, record_id, is_internal }])
}

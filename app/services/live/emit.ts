import type { Db } from '../../db/session.ts'
import { events } from '../../models/index.ts'

/** What happens to a client: the contract's names. */
export type EventType =
  | `message:${'new' | 'updated' | 'deleted' | 'reaction'}`
  | `inbox:${'new' | 'updated'}`
  | 'notification:new'

export interface LiveEvent {
  type: EventType
  company_id: number
  data: Record<string, unknown>
  /** Whom it is for; left out, everybody who may read the record. */
  user_id?: number | null
  /** The record that it is about. */
  model_name?: string | null
  record_id?: number | null
  is_internal?: boolean
}

/**
 * Tells live clients, once the transaction of `db` is committed and never before: one statement, whatever the number. Who may
 * not read the record by then is not told.
 */
export async function emit(db: Db, happened: LiveEvent[]): Promise<void> {
  if (happened.length > 0) await db.insert(events).values(happened)
}

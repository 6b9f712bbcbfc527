import { inboxItems, notifications } from '../../app/models/index.ts'
import type { Context } from '../../app/services/context.ts'

type Db = Context['db']
type Owner = { user_id: number; company_id: number }

/** An inbox item straight in the database; returns it. */
export async function addItem(db: Db, given: Owner & Partial<typeof inboxItems.$inferInsert>) {
  const [item] = await db
    .insert(inboxItems)
    .values({ item_type: 'notification', title: 'Hello', ...given })
    .returning()
  return item!
}

/** A notification straight in the database; returns it. */
export async function addNotification(db: Db, given: Owner & Partial<typeof notifications.$inferInsert>) {
  const [notification] = await db
    .insert(notifications)
    .values({ title: 'Hello', ...given })
    .returning()
  return notification!
}

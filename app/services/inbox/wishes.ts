import { eq, inArray, sql } from 'drizzle-orm'
import type { Db } from '../../db/session.ts'
import { notificationPreferences, users } from '../../models/index.ts'
import type { Channels } from '../../models/notification-preference.ts'

/** How somebody wants to be told, and whether mail may go to them. */
export interface Wishes {
  channels: Record<string, Channels> | null
  has_mail: boolean
}

/** Mail goes to an address that is the user's own and was confirmed: to any other it would tell a stranger. */
export const HAS_MAIL = sql<boolean>`(${users.is_active} and not ${users.is_deleted} and ${users.is_verified} and ${users.owns_email})`

/** Of each user. One statement of trusted work, whatever the number. */
export async function wishesOf(db: Db, user_ids: number[]): Promise<ReadonlyMap<number, Wishes>> {
  const rows = await db
    .select({ id: users.id, channels: notificationPreferences.channels, has_mail: HAS_MAIL })
    .from(users)
    .leftJoin(notificationPreferences, eq(notificationPreferences.user_id, users.id))
    .where(inArray(users.id, user_ids))
  return new Map(rows.map(({ id, ...wishes }) => [id, wishes]))
}

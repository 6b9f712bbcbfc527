import type { InboxItemType, Priority } from '../../models/inbox.ts'

export interface InboxChanges {
  is_read?: boolean
  is_archived?: boolean
  is_starred?: boolean
  priority?: Priority
}
export type InboxFilter = InboxChanges & { item_type?: InboxItemType; model_name?: string; record_id?: number }
export type InboxAction = keyof typeof CHANGES | 'delete'

/** What to do, and with which items: one of `ids` and `filter`. */
export interface Bulk {
  action: InboxAction
  ids?: number[]
  filter?: InboxFilter
}

/** What each action but `delete` makes of an item. */
export const CHANGES = {
  read: { is_read: true },
  unread: { is_read: false },
  archive: { is_archived: true },
  unarchive: { is_archived: false },
  star: { is_starred: true },
  unstar: { is_starred: false },
} as const satisfies Record<string, InboxChanges>

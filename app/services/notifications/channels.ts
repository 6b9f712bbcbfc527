import type { InboxItemType } from '../../models/inbox.ts'
import type { Channels } from '../../models/notification-preference.ts'

/** By which ways each kind of item reaches who has not said otherwise. */
export const DEFAULT_CHANNELS: Record<InboxItemType, Channels> = {
  message: { in_app: true, email: false },
  mention: { in_app: true, email: true },
  notification: { in_app: true, email: false },
  activity: { in_app: true, email: false },
}

/** By which ways a kind of item reaches somebody, by what they have stored. */
export const channelsOf = (stored: Record<string, Channels> | null, type: InboxItemType): Channels =>
  stored?.[type] ?? DEFAULT_CHANNELS[type]

import { z } from 'zod'
import { InboxItemType } from '../models/inbox.ts'
import { Digest } from '../models/notification-preference.ts'
import { TimeResponse } from './common.ts'
import { TimeZone } from './identity.ts'

const channels = z.strictObject({ in_app: z.boolean(), email: z.boolean() })
const ChannelsResponse = z.object({ in_app: z.boolean(), email: z.boolean() })
const perType = <S extends z.ZodType>(schema: S) => ({
  [InboxItemType.MESSAGE]: schema,
  [InboxItemType.MENTION]: schema,
  [InboxItemType.NOTIFICATION]: schema,
  [InboxItemType.ACTIVITY]: schema,
})
const digest = z.enum(Object.values(Digest))

/** To the minute: nobody sleeps by the second. */
const Clock = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day such as 22:00')
  .meta({ examples: ['22:00'] })

export const NotificationPreferencesResponse = z
  .object({
    channels: z.object(perType(ChannelsResponse)),
    dnd_enabled: z.boolean(),
    dnd_start: TimeResponse,
    dnd_end: TimeResponse,
    time_zone: z.string(),
    digest,
  })
  .meta({ id: 'NotificationPreferences' })

export const NotificationPreferencesUpdate = z
  .strictObject({
    channels: z.strictObject(perType(channels)).partial(),
    dnd_enabled: z.boolean(),
    dnd_start: Clock,
    dnd_end: Clock,
    time_zone: TimeZone,
    digest,
  })
  .partial()
  .meta({
    id: 'NotificationPreferencesUpdate',
    examples: [{ channels: { mention: { in_app: true, email: false } }, time_zone: 'Europe/Berlin', digest: 'daily' }],
  })

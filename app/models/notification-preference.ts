import { boolean, jsonb, time, varchar } from 'drizzle-orm/pg-core'
import { ofUserMixin } from './base.ts'
import { timestampMixin, timestamptz } from './mixins.ts'
import { systemTable } from './table.ts'

export const Digest = { NONE: 'none', DAILY: 'daily', WEEKLY: 'weekly' } as const
export type Digest = (typeof Digest)[keyof typeof Digest]

/** By which ways a kind of item reaches its user. */
export interface Channels {
  in_app: boolean
  email: boolean
}

/** How one user wants to be told, in whichever company. Who has no row gets the defaults. */
export const notificationPreferences = systemTable('notification_preferences', {
  user_id: ofUserMixin().user_id.primaryKey(),
  ...timestampMixin(),
  /** By item type; what is left out has the default. */
  channels: jsonb().$type<Record<string, Channels>>().notNull().default({}),
  dnd_enabled: boolean().notNull().default(false),
  /** Local times of day; an end before the start is on the next day. */
  dnd_start: time({ precision: 0 }).notNull().default('22:00'),
  dnd_end: time({ precision: 0 }).notNull().default('07:00'),
  /** A name of the IANA database, such as `Europe/Berlin`. */
  time_zone: varchar({ length: 64 }).notNull().default('UTC'),
  digest: varchar({ length: 10 }).$type<Digest>().notNull().default(Digest.NONE),
  /** Until when a digest has told everything. */
  digested_at: timestamptz(),
})

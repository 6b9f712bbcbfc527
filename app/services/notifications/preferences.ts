import { type InferSelectModel, eq, sql } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import type { Db } from '../../db/session.ts'
import { notificationPreferences } from '../../models/index.ts'
import type { InboxItemType } from '../../models/inbox.ts'
import type { Channels, Digest } from '../../models/notification-preference.ts'
import type { Context } from '../context.ts'
import { DEFAULT_CHANNELS } from './channels.ts'

export interface Preferences {
  channels: Record<InboxItemType, Channels>
  dnd_enabled: boolean
  dnd_start: string
  dnd_end: string
  time_zone: string
  digest: Digest
}
export type PreferenceChanges = Partial<Omit<Preferences, 'channels'>> & {
  channels?: Partial<Record<InboxItemType, Channels>>
}
type Stored = InferSelectModel<typeof notificationPreferences>

/** How the caller wants to be told, in whichever company: of one user, and so trusted work about the caller alone. */
export class PreferenceService {
  readonly #ctx: Context
  readonly #user_id: number

  constructor(ctx: Context) {
    if (!ctx.user) throw new AppError('not_authenticated')
    this.#ctx = ctx
    this.#user_id = ctx.user.id
  }

  async get(): Promise<Preferences> {
    return withDefaults(await this.#ctx.trusted((db) => storedOf(db, this.#user_id)))
  }

  /** Changes what is given; of the channels, the kinds that are given. Who begins to want a digest is told from now on. */
  async update({ channels, ...changes }: PreferenceChanges): Promise<Preferences> {
    const user_id = this.#user_id
    const { digest, ...rest } = changes
    const added = channels && { channels: sql`${notificationPreferences.channels} || excluded.channels` }
    const begun = sql`case when ${notificationPreferences.digest} = 'none' then now() else ${notificationPreferences.digested_at} end`
    const row = { user_id, ...rest, ...(channels && { channels }), ...(digest && { digest, digested_at: sql`now()` }) }
    const [stored] = await this.#ctx.trusted((db) =>
      db
        .insert(notificationPreferences)
        .values(row)
        .onConflictDoUpdate({
          target: notificationPreferences.user_id,
          set: { ...rest, ...added, ...(digest && { digest, digested_at: begun }), updated_at: sql`now()` },
        })
        .returning(),
    )
    return withDefaults(stored)
  }
}

/** What a user has stored, if anything. */
export async function storedOf(db: Db, user_id: number): Promise<Stored | undefined> {
  const [stored] = await db.select().from(notificationPreferences).where(eq(notificationPreferences.user_id, user_id))
  return stored
}

/** What somebody wants, where they have said nothing by the defaults. */
export function withDefaults(stored: Stored | undefined): Preferences {
  const { channels, ...rest } = stored ?? DEFAULTS
  return { ...rest, channels: { ...DEFAULT_CHANNELS, ...channels } }
}

/** As the columns' defaults (models/notification-preference.ts); a test compares. */
const DEFAULTS = {
  channels: {},
  dnd_enabled: false,
  dnd_start: '22:00:00',
  dnd_end: '07:00:00',
  time_zone: 'UTC',
  digest: 'none',
} as const

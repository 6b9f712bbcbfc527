import type { Db } from '../../db/session.ts'
import type { Settings } from '../../core/config.ts'
import { keepPartitions } from '../activity/retention.ts'
import { systemContext } from '../context.ts'
import { forgetReplies } from '../idempotency.ts'
import { forgetEvents } from '../live/kept-events.ts'
import type { Handler } from './job.ts'

/** A job that is one piece of trusted work. */
const upkeep =
  (work: (db: Db, settings: Settings, now: Date) => Promise<unknown>): Handler =>
  ({ engine, settings }, _job, now) =>
    systemContext({ engine, settings, company_id: null }, async ({ db }) => void (await work(db, settings, now)))

/** Makes the activity log's months ahead, and removes those that are past keeping. */
export const keepActivity = upkeep((db, settings, now) => keepPartitions(db, settings, now))

/** Forgets the live events that nobody can ask for any more. */
export const forgetLiveEvents = upkeep((db) => forgetEvents(db))

/** Forgets the replies of Idempotency-Keys that are past keeping. */
export const forgetKeptReplies = upkeep((db) => forgetReplies(db))

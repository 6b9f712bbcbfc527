import { mailDigest, sendDigests } from '../mail/digest.ts'
import { mailNotification } from '../mail/notification.ts'
import type { JobKind } from './job.ts'
import { forgetKeptReplies, forgetLiveEvents, keepActivity } from './upkeep.ts'

/**
 * Every job there is, by name. A new one adds its line here; one that is put into the queue by somebody has its data in
 * `JobData` (enqueue.ts), one that comes by itself has `every_minutes`.
 */
export const JOBS: Record<string, JobKind> = {
  /** Tells somebody by mail what is in their inbox. */
  'mail.notification': { handler: mailNotification },
  /** Tells somebody by mail what they have not read. */
  'mail.digest': { handler: mailDigest },
  /** Queues the digests that are due: at 8:00 in their users' zones, on Mondays for weekly ones. */
  'digest.send': { handler: sendDigests, every_minutes: 15 },
  /** Makes the activity log's months ahead, and drops those older than `ACTIVITY_RETENTION_DAYS`. */
  'activity.partitions': { handler: keepActivity, every_minutes: 1440 },
  /** Forgets live events of more than ten minutes ago. */
  'events.forget': { handler: forgetLiveEvents, every_minutes: 1 },
  /** Forgets replies that were kept for an `Idempotency-Key`, after 24 hours. */
  'replies.forget': { handler: forgetKeptReplies, every_minutes: 60 },
}

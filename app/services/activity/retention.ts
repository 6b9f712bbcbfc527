import { sql } from 'drizzle-orm'
import type { Settings } from '../../core/config.ts'
import type { Db } from '../../db/session.ts'

const MONTHS_AHEAD = 3

/** What was done: names of partitions, and how many rows were deleted that had no partition of their own. */
export interface KeptPartitions {
  made: string[]
  dropped: string[]
  deleted: number
}

/**
 * Makes the activity log's partitions for this month and the next three, and removes what is older than
 * `ACTIVITY_RETENTION_DAYS`: months that are wholly older, by dropping them. To be called every day, by trusted work; twice does
 * no more than once. At most one call at a time works, in all processes.
 */
export async function keepPartitions(
  db: Db,
  { ACTIVITY_RETENTION_DAYS }: Pick<Settings, 'ACTIVITY_RETENTION_DAYS'>,
  now = new Date(),
): Promise<KeptPartitions> {
  const { rows } = await db.execute<{ made: string[]; dropped: string[]; deleted: number }>(
    sql`select to_jsonb(made) as made, to_jsonb(dropped) as dropped, deleted
      from keep_activity_partitions(${now.toISOString()}, ${MONTHS_AHEAD}, ${ACTIVITY_RETENTION_DAYS})`,
  )
  const [kept] = rows
  if (!kept) throw new Error('The database returned no answer')
  return kept
}

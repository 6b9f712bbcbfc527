import { sql } from 'drizzle-orm'
import type { Db } from '../../../db/session.ts'
import type { HistoryName } from '../../../schemas/demo-data.ts'
import { activityLogSection } from './activity-logs.ts'
import { type CheckedItem, checkShapes } from './history-items.ts'
import { writeHistoryRows } from './history-rows.ts'
import type { HistoryJob, HistorySection } from './history-section.ts'
import { type Counts, NO_COUNTS, sumOf } from '../merge.ts'
import { messageSection } from './messages.ts'
import { notificationSection } from './notifications.ts'
import { joinReplies } from './replies.ts'
import { SeenUids } from './seen-uids.ts'

/** Checks and writes the sections of history, a batch at a time. */
export async function writeHistory(job: HistoryJob): Promise<Record<HistoryName, Counts>> {
  await useIndexes(job.db)
  const notifications = await writeSection(job, notificationSection)
  const activity_logs = await writeSection(job, activityLogSection)
  const messages = await writeSection(job, messageSection)
  const moved = job.history.counts.messages > 0 ? await joinReplies(job) : 0
  return { notifications, activity_logs, messages: sumOf(messages, { created: 0, updated: moved, unchanged: -moved }) }
}

// PostgreSQL plans by what it knew of a table before the transaction; of one that was empty it would read all rows for each batch.
async function useIndexes(db: Db): Promise<void> {
  await db.execute(sql`
    select set_config(name, 'off', true) from unnest(array['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin']) as name`)
}

async function writeSection<T>(job: HistoryJob, section: HistorySection<T>): Promise<Counts> {
  let total = NO_COUNTS
  if (job.history.counts[section.name] === 0) return total
  const seen = await SeenUids.open(job.db)
  const writeBatch = async (items: CheckedItem<T>[]) => {
    total = sumOf(total, await write(job, section, seen, items))
    job.advance(items.length)
  }
  let underWay = Promise.resolve()
  for await (const batch of job.history.items(section.name)) {
    const items = checkShapes(section, batch, job.faults) // while the database is busy with the batch before
    await underWay
    underWay = writeBatch(items)
    underWay.catch(() => {}) // heard of at the next `await`
  }
  await underWay
  return total
}

async function write<T>(
  job: HistoryJob,
  section: HistorySection<T>,
  seen: SeenUids,
  items: CheckedItem<T>[],
): Promise<Counts> {
  const { faults, references } = job
  await references.learn(items.flatMap(({ item }) => (item ? [section.wanted(item)] : [])))
  const rows = items.map(({ item, path }) => item && section.values(item, path, references))
  const identities = await seen.identify(
    items.map(({ index, uid, isGiven, item }, at) => {
      const row = rows[at]
      return { index, uid, isGiven, ...(item && row && section.thread?.(item, row)) }
    }),
  )
  const entries = items.flatMap(({ index, path, item }, at) => {
    const { uid, sameAs } = identities.get(index) ?? {}
    if (sameAs !== undefined) faults.add(`${path}.uid: same as ${section.name}[${sameAs}].uid`)
    const values = rows[at]
    return item && uid && values
      ? [{ path, item: { uid, values, initial: section.initial?.(item, path, references) } }]
      : []
  })
  return faults.count > 0 ? NO_COUNTS : writeHistoryRows(job, section, entries)
}

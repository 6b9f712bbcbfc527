import { HISTORY_SECTIONS, type HistoryName } from '../../schemas/demo-data.ts'
import { activityLogSection } from './activity-logs.ts'
import type { Faults } from './faults.ts'
import type { HistoryReferences } from './history-references.ts'
import type { HistorySection } from './history-section.ts'
import { writeHistoryRows } from './history-rows.ts'
import { checkItem } from './item-faults.ts'
import type { Job } from './job.ts'
import type { JsonItem } from './json-file.ts'
import type { Counts } from './merge.ts'
import { messageSection } from './messages.ts'
import { notificationSection } from './notifications.ts'
import type { DemoFile } from './parse.ts'
import { joinReplies } from './replies.ts'
import { SeenUids } from './seen-uids.ts'

export interface HistoryJob extends Pick<Job, 'db' | 'update' | 'advance'> {
  history: DemoFile['history']
  references: HistoryReferences
  /** Where the faults of the file are gathered. While there are any, nothing is written. */
  faults: Faults
}

/** Checks and writes the sections of history, a batch at a time. */
export async function writeHistory(job: HistoryJob): Promise<Record<HistoryName, Counts>> {
  const notifications = await writeSection(job, notificationSection)
  const activity_logs = await writeSection(job, activityLogSection)
  const messages = await writeSection(job, messageSection)
  const moved = job.history.counts.messages > 0 ? await joinReplies(job) : 0
  return {
    notifications,
    activity_logs,
    messages: { ...messages, updated: messages.updated + moved, unchanged: messages.unchanged - moved },
  }
}

async function writeSection<T>(job: HistoryJob, section: HistorySection<T>): Promise<Counts> {
  const total: Counts = { created: 0, updated: 0, unchanged: 0 }
  if (job.history.counts[section.name] === 0) return total
  const seen = await SeenUids.open(job.db, section.name)
  for await (const batch of job.history.items(section.name)) {
    const entries = await checkBatch(job, section, seen, batch)
    if (job.faults.count === 0) {
      const counts = await writeHistoryRows(job, section.table, entries)
      total.created += counts.created
      total.updated += counts.updated
      total.unchanged += counts.unchanged
    }
    job.advance(batch.length)
  }
  return total
}

/** The rows that the items want, each with its path. */
async function checkBatch<T>(
  { faults, references }: HistoryJob,
  section: HistorySection<T>,
  seen: SeenUids,
  batch: JsonItem[],
) {
  const checked = batch.map(({ index, value }) => {
    const path = `${section.name}[${index}]`
    return { index, value, path, ...checkItem(section.schema, value, path) }
  })
  await references.learn(checked.flatMap((one) => ('item' in one ? [section.wanted(one.item)] : [])))
  const named = checked.map((one) => {
    const uid = uidIn(one.value)
    if ('faults' in one) {
      faults.add(...one.faults)
      return { ...one, uid, row: undefined }
    }
    const row = section.values(one.item, one.path, references)
    return { ...one, uid, row, ...section.thread?.(one.item, row) }
  })
  const identities = await seen.identify(named)
  return named.flatMap(({ path, row }, at) => {
    const { uid, sameAs } = identities[at] ?? {}
    if (sameAs !== undefined) faults.add(`${path}.uid: same as ${section.name}[${sameAs}].uid`)
    return row ? [{ path, item: { ...row, uid } }] : []
  })
}

const { uid: Uid } = HISTORY_SECTIONS.messages.shape

/** The uid that an item names, even one with faults: others may refer to it. */
function uidIn(value: unknown): string | undefined {
  const given = typeof value === 'object' && value !== null && 'uid' in value ? value.uid : undefined
  return Uid.safeParse(given).data
}

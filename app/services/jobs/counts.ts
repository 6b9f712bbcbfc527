import { sql } from 'drizzle-orm'
import type { Sample } from '../../core/metrics/report.ts'
import { jobs } from '../../models/index.ts'
import type { Db } from '../../db/session.ts'

/** Rows that are looked at: an unbounded queue must not make it expensive to see that. */
const MOST_ROWS = 10_000

/**
 * How many jobs wait, are being done and have failed, by name. A name that is none of `known` counts as `other`; what is
 * known is told of also where there is none.
 */
export async function countJobs(db: Db, known: readonly string[]): Promise<Sample[]> {
  const state = sql<string>`case when ${jobs.failed_at} is not null then 'failed'
    when ${jobs.locked_until} > now() then 'running' else 'waiting' end`
  const some = db
    .select({ name: jobs.name, state: state.as('state') })
    .from(jobs)
    .limit(MOST_ROWS)
    .as('some')
  const found = await db
    .select({ name: some.name, state: some.state, count: sql<number>`count(*)::integer` })
    .from(some)
    .groupBy(some.name, some.state)
  const counts = new Map(known.flatMap((name) => STATES.map((each) => [`${name} ${each}`, 0])))
  for (const { name, state: its, count } of found) {
    const key = `${known.includes(name) ? name : 'other'} ${its}`
    counts.set(key, (counts.get(key) ?? 0) + count)
  }
  return Array.from(counts, ([key, count]) => [key.split(' '), count])
}

const STATES = ['waiting', 'running', 'failed']

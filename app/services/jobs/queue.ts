import { and, eq, inArray, isNull, lt, lte, or, sql } from 'drizzle-orm'
import type { Db } from '../../db/session.ts'
import { jobs } from '../../models/index.ts'

/** Seconds that a job is believed to be under way without a word of who does it. */
export const LEASE_SECONDS = 60
/** After so many failures a job has failed for good. With the pauses between, that is some six hours. */
export const MOST_ATTEMPTS = 12

export interface TakenJob {
  id: number
  name: string
  data: Record<string, unknown>
  /** Of the request that it comes from, if it comes from one. */
  request_id: string | undefined
  attempts: number
  locked_by: string
}

/** The column is kept to the millisecond, rounded: what is for now must not be for later. */
const SOON = sql`now() + interval '1 millisecond'`
const lease = sql`now() + ${LEASE_SECONDS} * interval '1 second'`
/** A job that this worker still has: not one that another has taken because the first was not heard of. */
const held = ({ id, locked_by, attempts }: TakenJob) =>
  and(eq(jobs.id, id), eq(jobs.locked_by, locked_by), eq(jobs.attempts, attempts))

/** Takes what is due, the oldest first. Of several workers that ask at once, each gets others. */
export async function take(db: Db, names: string[], worker: string, most: number): Promise<TakenJob[]> {
  const due = db
    .select({ id: jobs.id })
    .from(jobs)
    .where(
      and(
        isNull(jobs.failed_at),
        lte(jobs.run_at, SOON),
        or(isNull(jobs.locked_until), lt(jobs.locked_until, sql`now()`)),
        inArray(jobs.name, names),
      ),
    )
    .orderBy(jobs.run_at, jobs.id)
    .limit(most)
    .for('update', { skipLocked: true })
  const taken = await db
    .update(jobs)
    .set({ locked_by: worker, locked_until: lease, attempts: sql`${jobs.attempts} + 1` })
    .where(inArray(jobs.id, due))
    .returning({ id: jobs.id, name: jobs.name, data: jobs.data, attempts: jobs.attempts })
  return taken.map(({ data: { request_id, ...data }, ...job }) => ({
    ...job,
    data,
    request_id: typeof request_id === 'string' ? request_id : undefined,
    locked_by: worker,
  }))
}

/** Says that a worker's jobs are still under way. */
export async function renew(db: Db, taken: readonly TakenJob[]): Promise<void> {
  if (taken.length === 0) return
  await db
    .update(jobs)
    .set({ locked_until: lease })
    .where(or(...taken.map(held)))
}

export async function finish(db: Db, job: TakenJob): Promise<void> {
  await db.delete(jobs).where(held(job))
}

/** For later, as if it had not been tried. */
export async function putOff(db: Db, job: TakenJob, until: Date): Promise<void> {
  const anew = { run_at: until.toISOString(), attempts: 0, locked_by: null, locked_until: null, error: null }
  await db.update(jobs).set(anew).where(held(job))
}

/** Gives back what a worker that stops has not done: another may take it at once. */
export async function giveBack(db: Db, taken: readonly TakenJob[]): Promise<void> {
  if (taken.length === 0) return
  await db
    .update(jobs)
    .set({ locked_by: null, locked_until: null, attempts: sql`${jobs.attempts} - 1` })
    .where(or(...taken.map(held)))
}

/** Whether a failure now would be the last. */
export const isLastAttempt = ({ attempts }: TakenJob): boolean => attempts >= MOST_ATTEMPTS

/** Tries again after a pause that doubles, from 10 s to nearly 3 h; the last time, keeps the job as failed. */
export async function fail(db: Db, job: TakenJob, error: string): Promise<void> {
  const pause = 10 * 2 ** (job.attempts - 1)
  const next = isLastAttempt(job) ? { failed_at: sql`now()` } : { run_at: sql`now() + ${pause} * interval '1 second'` }
  await db
    .update(jobs)
    .set({ ...next, error, locked_by: null, locked_until: null })
    .where(held(job))
}

/** Makes sure that each of the jobs that come by themselves is there, once. */
export async function schedule(db: Db, names: string[]): Promise<void> {
  if (names.length === 0) return
  await db
    .insert(jobs)
    .values(names.map((name) => ({ name, key: name })))
    .onConflictDoNothing()
}

import { randomInt } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { currentRequestId, inRequest } from '../../core/current-request.ts'
import type { Db } from '../../db/session.ts'
import { systemContext } from '../context.ts'
import type { JobKind, JobParts, PutOff } from './job.ts'
import {
  LEASE_SECONDS,
  MOST_ATTEMPTS,
  type TakenJob,
  fail,
  finish,
  giveBack,
  putOff,
  renew,
  schedule,
  take,
} from './queue.ts'

// Milliseconds between two looks at an empty queue; workers that start together soon look at different moments.
const PAUSE_MS = 2000
// Jobs at a time. On the embedded database they take turns with requests anyway.
const AT_ONCE = 4
// With what requests are given after it (serve.ts), less than process managers wait before they kill (30 s).
const GRACE_MS = 8000

export interface Worker {
  /** Takes nothing new and waits for what is under way, for a while; gives back what is not done by then. */
  stop(): Promise<void>
}

/** Does the jobs of the queue, until told to stop. Several workers, in any process, share them: each job is one's. */
export function startWorker(parts: JobParts, kinds: Record<string, JobKind>): Worker {
  const worker = crypto.randomUUID()
  const names = Object.keys(kinds)
  const running = new Map<TakenJob, Promise<void>>()
  const stopping = new AbortController()
  const inQueue = <R>(work: (db: Db) => Promise<R>): Promise<R> =>
    systemContext({ engine: parts.engine, settings: parts.settings, company_id: null }, ({ db }) => work(db))

  async function run(job: TakenJob): Promise<void> {
    const kind = kinds[job.name]
    if (!kind) return
    const { id, name } = job
    const now = new Date()
    const started = performance.now()
    try {
      const put = (await handle(kind, job, now)) ?? nextTime(kind, now)
      await inQueue((db) => (put ? putOff(db, job, put.until) : finish(db, job)))
      const result = put && !kind.every_minutes ? 'put_off' : 'done'
      parts.onFinished?.(name, result)
      // What comes by itself, each minute or so, has nothing to say.
      if (!kind.every_minutes)
        parts.logger.info(
          { job: name, job_id: id, ms: Math.round(performance.now() - started), request_id: currentRequestId() },
          `job ${result}`,
        )
    } catch (error) {
      await failed(kind, job, error)
    }
  }

  function handle({ handler }: JobKind, job: TakenJob, now: Date): Promise<PutOff | undefined> {
    if (!parts.trace) return handler(parts, job, now)
    const attributes = { 'fastvue.job_id': job.id, 'fastvue.request_id': currentRequestId() ?? '' }
    return parts.trace(`job ${job.name}`, attributes, () => handler(parts, job, now))
  }

  async function failed(kind: JobKind, job: TakenJob, error: unknown): Promise<void> {
    const { id, name, attempts } = job
    const isLast = attempts >= MOST_ATTEMPTS
    parts.onFinished?.(name, isLast ? 'given_up' : 'failed')
    parts.logger[isLast ? 'error' : 'warn'](
      { err: error, job: name, job_id: id, attempts, request_id: currentRequestId() },
      isLast ? 'job failed' : 'job failed, will be tried again',
    )
    const message = error instanceof Error ? error.message : String(error)
    // What comes by itself comes again, whatever happened to it.
    const next = isLast ? nextTime(kind, new Date()) : undefined
    await inQueue<unknown>((db) => (next ? putOff(db, job, next.until) : fail(db, job, message)))
  }

  async function look(): Promise<number> {
    const taken = await inQueue((db) => take(db, names, worker, AT_ONCE - running.size))
    for (const job of taken) {
      const done = inRequest(job.request_id ?? crypto.randomUUID(), () => run(job))
        .catch((error: unknown) => parts.logger.error({ err: error, job: job.name }, 'job could not be recorded'))
        .finally(() => running.delete(job))
      running.set(job, done)
    }
    return taken.length
  }

  async function loop(): Promise<void> {
    let isScheduled = false
    while (!stopping.signal.aborted) {
      try {
        if (!isScheduled)
          await inQueue((db) =>
            schedule(
              db,
              names.filter((name) => kinds[name]?.every_minutes),
            ),
          )
        isScheduled = true
        const found = running.size < AT_ONCE ? await look() : 0
        if (running.size >= AT_ONCE) await Promise.race(running.values())
        else if (found === 0) await pause(PAUSE_MS + randomInt(200), stopping.signal)
      } catch (error) {
        parts.logger.error({ err: error }, 'the job queue cannot be read')
        await pause(2 * PAUSE_MS, stopping.signal) // done again within 5 s of its coming back
      }
    }
  }

  const renewing = setInterval(
    () => {
      void inQueue((db) => renew(db, [...running.keys()])).catch(() => {}) // who loses a lease loses the job, no more
    },
    (LEASE_SECONDS * 1000) / 3,
  ).unref()
  const looping = loop()

  return {
    async stop() {
      stopping.abort()
      await looping
      const enough = new AbortController()
      const grace = setTimeout(GRACE_MS, undefined, enough).catch(() => {})
      await Promise.race([Promise.all(running.values()), grace])
      enough.abort()
      clearInterval(renewing)
      await inQueue((db) => giveBack(db, [...running.keys()]))
    },
  }
}

/** When a job that comes by itself is due again. */
export function nextTime({ every_minutes }: JobKind, now: Date): PutOff | undefined {
  if (every_minutes === undefined) return undefined
  const interval = every_minutes * 60_000
  return { until: new Date((Math.floor(now.getTime() / interval) + 1) * interval) }
}

/** Waits, or until the signal. Does not keep the process alive. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  setTimeout(ms, undefined, { signal, ref: false }).catch(() => {})

import { randomInt } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { currentRequestId, inRequest } from '../../core/current-request.ts'
import type { Db } from '../../db/session.ts'
import { systemContext } from '../context.ts'
import type { JobKind, JobParts, PutOff } from './job.ts'
import {
  LEASE_SECONDS,
  type TakenJob,
  fail,
  finish,
  giveBack,
  isLastAttempt,
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

/** Does the jobs of the queue, until told to stop. Several workers, in any process, share them: each job is one's. */
export class JobWorker {
  readonly #parts: JobParts
  readonly #kinds: Record<string, JobKind>
  readonly #id = crypto.randomUUID()
  readonly #running = new Map<TakenJob, Promise<void>>()
  readonly #stopping = new AbortController()
  readonly #renewing: NodeJS.Timeout
  readonly #looping: Promise<void>

  /** At work from here on. */
  constructor(parts: JobParts, kinds: Record<string, JobKind>) {
    this.#parts = parts
    this.#kinds = kinds
    this.#renewing = setInterval(() => void this.#renew(), (LEASE_SECONDS * 1000) / 3).unref()
    this.#looping = this.#loop()
  }

  /** Takes nothing new and waits for what is under way, for a while; gives back what is not done by then. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#looping
    const enough = new AbortController()
    const grace = setTimeout(GRACE_MS, undefined, enough).catch(() => {})
    await Promise.race([Promise.all(this.#running.values()), grace])
    enough.abort()
    clearInterval(this.#renewing)
    await this.#inQueue((db) => giveBack(db, [...this.#running.keys()]))
  }

  async #loop(): Promise<void> {
    let isScheduled = false
    const { signal } = this.#stopping
    while (!signal.aborted) {
      try {
        if (!isScheduled) await this.#schedule()
        isScheduled = true
        const found = this.#running.size < AT_ONCE ? await this.#look() : 0
        if (this.#running.size >= AT_ONCE) await Promise.race(this.#running.values())
        else if (found === 0) await pause(PAUSE_MS + randomInt(200), signal)
      } catch (error) {
        this.#parts.logger.error({ err: error }, 'the job queue cannot be read')
        await pause(2 * PAUSE_MS, signal) // done again within 5 s of its coming back
      }
    }
  }

  async #schedule(): Promise<void> {
    const regular = Object.keys(this.#kinds).filter((name) => this.#kinds[name]?.every_minutes)
    await this.#inQueue((db) => schedule(db, regular))
  }

  /** Begins what is due. @returns how much that was */
  async #look(): Promise<number> {
    const names = Object.keys(this.#kinds)
    const taken = await this.#inQueue((db) => take(db, names, this.#id, AT_ONCE - this.#running.size))
    for (const job of taken) {
      const done = inRequest(job.request_id ?? crypto.randomUUID(), () => this.#run(job))
        .catch((err: unknown) => this.#parts.logger.error({ err, job: job.name }, 'job could not be recorded'))
        .finally(() => this.#running.delete(job))
      this.#running.set(job, done)
    }
    return taken.length
  }

  async #run(job: TakenJob): Promise<void> {
    const kind = this.#kinds[job.name]
    if (!kind) return
    const now = new Date()
    const started = performance.now()
    try {
      const put = (await this.#handle(kind, job, now)) ?? nextTime(kind, now)
      await this.#inQueue((db) => (put ? putOff(db, job, put.until) : finish(db, job)))
      this.#tellDone(kind, job, put && !kind.every_minutes ? 'put_off' : 'done', performance.now() - started)
    } catch (error) {
      await this.#failed(kind, job, error)
    }
  }

  #handle({ handler }: JobKind, job: TakenJob, now: Date): Promise<PutOff | undefined> {
    const { trace } = this.#parts
    if (!trace) return handler(this.#parts, job, now)
    const attributes = { 'fastvue.job_id': job.id, 'fastvue.request_id': currentRequestId() ?? '' }
    return trace(`job ${job.name}`, attributes, () => handler(this.#parts, job, now))
  }

  #tellDone({ every_minutes }: JobKind, { id, name }: TakenJob, result: 'done' | 'put_off', ms: number): void {
    this.#parts.onFinished?.(name, result)
    if (every_minutes) return // what comes by itself, each minute or so, has nothing to say
    const line = { job: name, job_id: id, ms: Math.round(ms), request_id: currentRequestId() }
    this.#parts.logger.info(line, `job ${result}`)
  }

  /** Tells of it before it is written down: the database may be why it failed. */
  async #failed(kind: JobKind, job: TakenJob, error: unknown): Promise<void> {
    const { logger, onFinished } = this.#parts
    const { id, name, attempts } = job
    const line = { err: error, job: name, job_id: id, attempts, request_id: currentRequestId() }
    const isLast = isLastAttempt(job)
    onFinished?.(name, isLast ? 'given_up' : 'failed')
    if (isLast) logger.error(line, 'job failed')
    else logger.warn(line, 'job failed, will be tried again')
    const message = error instanceof Error ? error.message : String(error)
    // What comes by itself comes again, whatever happened to it.
    const next = isLast ? nextTime(kind, new Date()) : undefined
    await this.#inQueue((db) => (next ? putOff(db, job, next.until) : fail(db, job, message)))
  }

  async #renew(): Promise<void> {
    const held = [...this.#running.keys()]
    await this.#inQueue((db) => renew(db, held)).catch(() => {}) // who loses a lease loses the job, no more
  }

  #inQueue<R>(work: (db: Db) => Promise<R>): Promise<R> {
    const { engine, settings } = this.#parts
    return systemContext({ engine, settings, company_id: null }, ({ db }) => work(db))
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

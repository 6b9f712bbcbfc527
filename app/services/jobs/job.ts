import type { Settings } from '../../core/config.ts'
import type { Mailer } from '../../core/mail.ts'
import type { Tracing } from '../../core/tracing.ts'
import type { Engine } from '../../db/engine.ts'

/** What handlers work with. Each opens its own units of work, by `systemContext`. */
export interface JobParts {
  engine: Engine
  settings: Settings
  mailer: Mailer
  logger: Record<'info' | 'warn' | 'error', (line: Record<string, unknown>, message: string) => void>
  /** Told of each attempt at a job. */
  onFinished?: (name: string, result: JobResult) => void
  /** Traces each, where there are traces. */
  trace?: Tracing['run'] | undefined
}

/** How an attempt at a job ended: `failed` is tried again, `given_up` is not. */
export type JobResult = 'done' | 'put_off' | 'failed' | 'given_up'

/** A job that is being done. It may be done twice (a process may die between the deed and its record). */
export interface Job {
  /** The same at each attempt. */
  id: number
  data: Record<string, unknown>
}

/** Not now: when to try again, without counting as a failure. */
export interface PutOff {
  until: Date
}

/** Does a job, as of the moment `now`. @throws Error to be tried again later */
export type Handler = (parts: JobParts, job: Job, now: Date) => Promise<PutOff | undefined>

/** A kind of job. */
export interface JobKind {
  handler: Handler
  /** One that nobody has to ask for: it is done each time so many minutes have passed, counted from midnight UTC. */
  every_minutes?: number
}

import { asc, eq } from 'drizzle-orm'
import { pino } from 'pino'
import { openMailer } from '../../app/core/mail.ts'
import type { Settings } from '../../app/core/config.ts'
import type { Engine } from '../../app/db/engine.ts'
import { jobs } from '../../app/models/index.ts'
import { systemContext } from '../../app/services/context.ts'
import type { JobParts, PutOff } from '../../app/services/jobs/job.ts'
import { JOBS } from '../../app/services/jobs/registry.ts'
import { finish, take } from '../../app/services/jobs/queue.ts'

/** What handlers get, with a mailer of their own. */
export function jobParts(engine: Engine, settings: Settings, SMTP_URL: string) {
  const logger = pino({ level: 'silent' })
  const mailer = openMailer({ ...settings, SMTP_URL }, logger)
  const parts: JobParts = { engine, settings, mailer, logger }
  return { ...parts, [Symbol.asyncDispose]: () => mailer.close() }
}

/** Does what is in the queue of a name, as of a moment, once; returns what was put off. */
export async function doJobs(parts: JobParts, name: string, now = new Date()): Promise<PutOff[]> {
  const inQueue = { engine: parts.engine, settings: parts.settings, company_id: null }
  const taken = await systemContext(inQueue, ({ db }) => take(db, [name], crypto.randomUUID(), 100))
  const off: PutOff[] = []
  for (const job of taken.toSorted((a, b) => a.id - b.id)) {
    const put = await JOBS[name]!.handler(parts, job, now)
    if (put) off.push(put)
    await systemContext(inQueue, ({ db }) => finish(db, job))
  }
  return off
}

/** The jobs of a name that are in the queue. */
export const queued = ({ engine, settings }: { engine: Engine; settings: Settings }, name: string) =>
  systemContext({ engine, settings, company_id: null }, ({ db }) =>
    db.select().from(jobs).where(eq(jobs.name, name)).orderBy(asc(jobs.id)),
  )

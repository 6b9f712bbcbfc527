import { currentRequestId } from '../../core/current-request.ts'
import type { Db } from '../../db/session.ts'
import { jobs } from '../../models/index.ts'
import type { DigestData, MailData } from '../mail/data.ts'

/** What each job is given. */
export interface JobData {
  'mail.notification': MailData
  'mail.digest': DigestData
}

export type NewJob = {
  [Name in keyof JobData]: {
    name: Name
    data: JobData[Name]
    /** Whose work it is. */
    company_id?: number
    /** While a job of this key waits or is done, another one is not put beside it. */
    key?: string
    /** RFC 3339; at once where it is left out. */
    run_at?: string
  }
}[keyof JobData]

/**
 * Puts jobs into the queue, in the transaction of `db`: they are there if it commits, and never were if it does not. One
 * statement. They keep the id of the request that they come from. For trusted work (`ctx.trusted`): requests themselves cannot touch the queue.
 */
export async function enqueue(db: Db, wanted: NewJob[]): Promise<void> {
  if (wanted.length === 0) return
  const request_id = currentRequestId()
  await db
    .insert(jobs)
    .values(wanted.map((job) => ({ ...job, data: { ...job.data, request_id } })))
    .onConflictDoNothing()
}

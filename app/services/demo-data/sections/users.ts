import { and, isNull, sql } from 'drizzle-orm'
import { AppError } from '../../../core/errors.ts'
import { idSet, updateRows } from '../../../db/bulk.ts'
import { sessions, users } from '../../../models/index.ts'
import type { Item } from '../../../schemas/demo-data.ts'
import { type Job, optionalCompanyId } from '../job.ts'
import { userKey } from '../keys.ts'
import { type Counts, countsOf, idsOf, inBatches, patchesOf, splitKnown } from '../merge.ts'

export async function writeUsers(job: Job): Promise<Counts> {
  const { db, found } = job
  const { fresh, known } = splitKnown(job.items.users, (item) => found.users.get(userKey(item.email)))
  await inBatches(fresh, async (batch) => {
    const values = batch.map((item) => ({ ...valuesOf(item, job), password_hash: newHash(item, job) }))
    const rows = await db.insert(users).values(values).returning()
    for (const row of rows) found.users.set(userKey(row.email), row)
  })
  const values = (item: Item<'users'>) => ({ ...valuesOf(item, job), password_hash: hashOf(item, job) })
  const patches = job.update ? patchesOf(known, values) : []
  await updateRows(db, users, patches)
  await endSessions(job, idsOf(patches.filter((patch) => 'password_hash' in patch)))
  return countsOf(fresh, known, idsOf(patches))
}

function valuesOf(item: Item<'users'>, job: Job) {
  const { password: _, password_hash: __, current_company_code, ...values } = item
  return { ...values, current_company_id: optionalCompanyId(job, current_company_code) }
}

const hashOf = ({ email, password_hash }: Item<'users'>, { hashes }: Job): string | undefined =>
  password_hash ?? hashes.get(userKey(email)) ?? (password_hash === null ? '' : undefined)

// Hashes are made before the transaction, of the users who were not there then.
function newHash(item: Item<'users'>, job: Job): string {
  const hash = hashOf(item, job)
  if (hash === undefined) throw new AppError('conflict', `${item.email} was deleted while this was loaded; try again`)
  return hash
}

/** Whoever was logged in by the old password is so no longer. */
async function endSessions({ db }: Job, user_ids: number[]): Promise<void> {
  if (user_ids.length === 0) return
  await db
    .update(sessions)
    .set({ revoked_at: sql`now()` })
    .where(and(sql`${sessions.user_id} in ${idSet(user_ids)}`, isNull(sessions.revoked_at)))
}

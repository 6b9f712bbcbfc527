import { asc, gt } from 'drizzle-orm'
import { reseal } from '../../core/sealing.ts'
import { totpSecrets } from '../../models/index.ts'
import { totpOwner } from '../auth/two-factor-codes.ts'
import { type Subject, isMigrated } from './check.ts'

const BATCH = 1000

/** How many stored secrets are sealed under which key: `lost` is a key that is not in the settings. */
export async function countSeals(subject: Subject) {
  const counts = { current: 0, previous: 0, lost: 0 }
  const { database, settings } = subject
  if (!database || !isMigrated(subject)) return counts
  const { user_id, secret } = totpSecrets
  for (let after: number | undefined = 0; after !== undefined;) {
    const from: number = after
    const rows = await database.trusted((db) =>
      db.select({ user_id, secret }).from(totpSecrets).where(gt(user_id, from)).orderBy(asc(user_id)).limit(BATCH),
    )
    for (const row of rows) counts[sealOf(row)]++
    after = rows.at(-1)?.user_id
  }
  return counts

  function sealOf(row: { user_id: number; secret: string }): keyof typeof counts {
    try {
      return reseal(row.secret, totpOwner(row.user_id), settings) === undefined ? 'current' : 'previous'
    } catch {
      return 'lost'
    }
  }
}

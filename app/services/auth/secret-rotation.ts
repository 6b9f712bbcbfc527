import { asc, gt, sql } from 'drizzle-orm'
import type { Settings } from '../../core/config.ts'
import { reseal } from '../../core/sealing.ts'
import type { Engine } from '../../db/engine.ts'
import type { Db } from '../../db/session.ts'
import { totpSecrets } from '../../models/index.ts'
import { systemContext } from '../context.ts'
import { totpOwner } from './two-factor-codes.ts'

const BATCH = 500
const MOST_NAMED = 20

export interface Rotation {
  /** Sealed under `SECRET_KEY` now. */
  resealed: number
  /** Were already. */
  unchanged: number
  /** Open under neither key; left as they are. */
  failed: number
  /** The first users of those. */
  failed_user_ids: number[]
}

/**
 * Seals every stored secret under `SECRET_KEY` that is still under `SECRET_KEY_PREVIOUS`. In batches, each in a transaction
 * of its own, beside log-ins: a secret that changes meanwhile is left to who changed it. Running it again does no harm.
 */
export async function rotateSecrets(engine: Engine, settings: Settings): Promise<Rotation> {
  const rotation: Rotation = { resealed: 0, unchanged: 0, failed: 0, failed_user_ids: [] }
  let last: number | undefined = 0
  while (last !== undefined) {
    const after: number = last
    last = await systemContext({ engine, settings, company_id: null }, ({ db }) =>
      rotateBatch(db, settings, after, rotation),
    )
  }
  return rotation
}

/** The user that the batch ends with; undefined when there was none left. */
async function rotateBatch(db: Db, settings: Settings, after: number, rotation: Rotation): Promise<number | undefined> {
  const { user_id, secret } = totpSecrets
  const rows = await db
    .select({ user_id, secret })
    .from(totpSecrets)
    .where(gt(user_id, after))
    .orderBy(asc(user_id))
    .limit(BATCH)
  const changes: { user_id: number; old: string; new: string }[] = []
  for (const row of rows) {
    try {
      const sealed = reseal(row.secret, totpOwner(row.user_id), settings)
      if (sealed === undefined) rotation.unchanged++
      else changes.push({ user_id: row.user_id, old: row.secret, new: sealed })
    } catch {
      rotation.failed++
      if (rotation.failed_user_ids.length < MOST_NAMED) rotation.failed_user_ids.push(row.user_id)
    }
  }
  const { rows: changed } = await db.execute<{ user_id: number }>(sql`
    update totp_secrets as t set secret = change.new, updated_at = now()
    from jsonb_to_recordset(${JSON.stringify(changes)}::jsonb) as change(user_id bigint, old text, new text)
    where t.user_id = change.user_id and t.secret = change.old
    returning t.user_id`)
  rotation.resealed += changed.length
  return rows.at(-1)?.user_id
}

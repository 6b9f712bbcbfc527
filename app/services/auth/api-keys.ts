import { and, count, desc, eq, getColumns } from 'drizzle-orm'
import type { z } from 'zod'
import { keyHash, newApiKey } from '../../core/api-keys.ts'
import { AppError } from '../../core/errors.ts'
import { allows, canonical } from '../../core/permissions.ts'
import type { Db } from '../../db/session.ts'
import { apiKeys, users } from '../../models/index.ts'
import type { ApiKeyCreate } from '../../schemas/api-key.ts'
import { ActivityCategory } from '../../models/activity-log.ts'
import { recordActivity } from '../activity/record.ts'
import { type Context, demandCompany, demandUser } from '../context.ts'
import { findPermissions } from '../permission-names.ts'
import { type AuthParts, trusted } from './parts.ts'

const MOST_KEYS = 50
const { key_hash: _hash, user_id: _owner, updated_at: _changed, ...shown } = getColumns(apiKeys)

/** A user's keys for programs that work for them. What a key permits is decided at each use: `loadApiKeyPrincipal`. */
export class ApiKeyService {
  readonly #parts: AuthParts

  constructor(parts: AuthParts) {
    this.#parts = parts
  }

  /** A user's keys, the newest first. */
  list(user_id: number) {
    return trusted(this.#parts, (db) =>
      db
        .select(shown)
        .from(apiKeys)
        .where(eq(apiKeys.user_id, user_id))
        .orderBy(desc(apiKeys.created_at), desc(apiKeys.id)),
    )
  }

  /**
   * Makes a key of the caller's for the company of the context. The reply is the only place that ever shows it.
   * @throws AppError `no_company`, `validation_error` for permissions that do not exist, `permission_denied` for those that
   * the caller lacks, `bad_request` when there are enough keys
   */
  create(ctx: Context, { name, permissions: listed, expires_at }: z.output<typeof ApiKeyCreate>) {
    const user_id = demandUser(ctx)
    const company_id = demandCompany(ctx)
    return trusted(this.#parts, async (db) => {
      await findPermissions(db, listed)
      const names = [...new Set(listed.map(canonical))] // as its owner ordered them
      const missing = names.filter((permission) => !ctx.is_superuser && !allows(ctx.permissions, permission))
      if (missing.length > 0) throw new AppError('permission_denied', `Missing permission: ${missing.join(', ')}`)
      await demandRoom(db, user_id)
      const key = newApiKey()
      const row = { user_id, company_id, name, key_hash: keyHash(key), permissions: names, expires_at }
      const [made] = await db.insert(apiKeys).values(row).returning(shown)
      if (!made) throw new Error('The database returned no key')
      await recordActivity(db, [aboutKey(user_id, 'api_key_created', made)])
      return { ...made, key }
    })
  }

  /** Deletes one of a user's keys: it is refused from now on. @throws AppError `not_found` */
  async delete(user_id: number, id: number): Promise<void> {
    await trusted(this.#parts, async (db) => {
      const [gone] = await db
        .delete(apiKeys)
        .where(and(eq(apiKeys.id, id), eq(apiKeys.user_id, user_id)))
        .returning(shown)
      if (!gone) throw new AppError('not_found', 'API key not found')
      await recordActivity(db, [aboutKey(user_id, 'api_key_removed', gone)])
    })
  }
}

type Key = Pick<typeof apiKeys.$inferSelect, 'id' | 'company_id' | 'name' | 'permissions'>

/** In the company that the key works in, whichever its owner is in just now. */
const aboutKey = (user_id: number, action: string, { id, company_id, name, permissions: granted }: Key) => ({
  company_id,
  user_id,
  action,
  category: ActivityCategory.SECURITY,
  entity_type: 'api_keys',
  entity_id: id,
  entity_name: name,
  metadata: { permissions: granted },
})

/** Their owner's row is locked meanwhile, so that two requests at once do not both take the last place. */
async function demandRoom(db: Db, user_id: number): Promise<void> {
  await db.select({ id: users.id }).from(users).where(eq(users.id, user_id)).for('update')
  const [kept] = await db.select({ keys: count() }).from(apiKeys).where(eq(apiKeys.user_id, user_id))
  if (kept && kept.keys >= MOST_KEYS)
    throw new AppError('bad_request', `You have ${MOST_KEYS} API keys; delete one that is not used`)
}

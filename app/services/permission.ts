import { and, eq, not } from 'drizzle-orm'
import { allows, canonical } from '../core/permissions.ts'
import type { Db, UnitOfWork } from '../db/session.ts'
import { userProfiles } from '../models/user.ts'
import type { Context } from './context.ts'
import { loadMemberships } from './membership.ts'

// Kept with the unit of work and gone with it: an answer never outlives the transaction that read it, in any process.
const kept = new WeakMap<UnitOfWork, Map<string, Promise<ReadonlySet<string>>>>()

/** For services that change what somebody may do: the rest of their unit of work asks again. */
export const forgetPermissions = (db: Db): void => void kept.delete(db.unit)

/**
 * What somebody may do in a company. Guards do not need it (they have the principal's); services do, about other people. In a
 * request it sees the request's company only.
 */
export class PermissionService {
  readonly #ctx: Context

  constructor(ctx: Context) {
    this.#ctx = ctx
  }

  /**
   * What a user's roles and groups grant in a company, by canonical name; two statements, however many there are. Empty
   * without a company, for who is no member, and where anything on the way is inactive.
   * @param options `useCache: false` asks again what this unit of work has asked before
   */
  async getUserPermissions(
    user_id: number,
    company_id: number | null,
    { useCache = true }: { useCache?: boolean } = {},
  ): Promise<ReadonlySet<string>> {
    if (company_id === null) return new Set()
    const { unit } = this.#ctx.db
    const answers = kept.get(unit) ?? new Map<string, Promise<ReadonlySet<string>>>()
    kept.set(unit, answers)
    const key = `${user_id} ${company_id}`
    const known = useCache ? answers.get(key) : undefined
    const answer = known ?? this.#load(user_id, company_id)
    answers.set(key, answer)
    return answer
  }

  /** Whether a user may do something in a company, itself or by `resource.manage`. A superuser may do everything, anywhere. */
  async hasPermission(
    user_id: number,
    name: string,
    company_id: number | null,
    { isSuperuser = false, useCache = true }: { isSuperuser?: boolean; useCache?: boolean } = {},
  ): Promise<boolean> {
    if (isSuperuser) return true
    return allows(await this.getUserPermissions(user_id, company_id, { useCache }), canonical(name))
  }

  async #load(user_id: number, company_id: number): Promise<ReadonlySet<string>> {
    const { db } = this.#ctx
    const live = db
      .select({ id: userProfiles.id })
      .from(userProfiles)
      .where(and(eq(userProfiles.id, user_id), userProfiles.is_active, not(userProfiles.is_deleted)))
    const [[user], memberships] = await Promise.all([live, loadMemberships(db, user_id)])
    return (user && memberships.get(company_id)?.permissions) ?? new Set()
  }
}

import { and, eq, getColumns, inArray, ne, not, sql } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import type { Db } from '../../db/session.ts'
import { groups, userCompanyRoles, userGroups, users } from '../../models/index.ts'
import { userProfiles } from '../../models/user.ts'
import { ActivityCategory } from '../../models/activity-log.ts'
import { ActivityLog } from '../activity/activity-log.ts'
import { type Context, type CurrentUser, demandCompany } from '../context.ts'
import { forgetPermissions } from '../permission.ts'
import { UserRecords } from './records.ts'
import { demandMayTouch, lockUser, visibleTo } from './rights.ts'
import { grantableRole } from './role.ts'

interface Assignment {
  role_id: number
  is_default?: boolean | undefined
}

/** Who works in the context's company, by which roles. */
export class MembershipService {
  readonly #ctx: Context

  constructor(ctx: Context) {
    this.#ctx = ctx
  }

  /**
   * Gives a user a role in the company. Again is no fault: it is as it was. A default is the only one the user has.
   * @throws AppError `not_found`, `invalid_reference`, `permission_denied`
   */
  async assign(user_id: number, { role_id, is_default }: Assignment) {
    const company_id = demandCompany(this.#ctx)
    const target = await this.#ctx.trusted((db) => this.#find(db, user_id))
    demandMayTouch(this.#ctx, target)
    const role = await grantableRole(this.#ctx, company_id, role_id)
    const row = await this.#ctx.trusted(async (db) => {
      await lockUser(db, target)
      const assigned = await assignRole(db, { user_id, company_id, role_id, is_default })
      await this.#record('assign_role', company_id, target, { role_id, role: role.name })
      return assigned
    })
    return { ...row, role_name: role.name, role_codename: role.codename }
  }

  /**
   * Ends all that a user has in the company: roles and groups.
   * @throws AppError `not_found`, `permission_denied`
   */
  async remove(user_id: number): Promise<void> {
    const company_id = demandCompany(this.#ctx)
    const target = await new UserRecords(this.#ctx).get(user_id)
    demandMayTouch(this.#ctx, target)
    await this.#ctx.trusted(async (db) => {
      await lockUser(db, target)
      const ended = await db
        .delete(userCompanyRoles)
        .where(and(eq(userCompanyRoles.user_id, user_id), eq(userCompanyRoles.company_id, company_id)))
        .returning({ id: userCompanyRoles.id })
      if (ended.length === 0) throw new AppError('not_found', 'User not found')
      forgetPermissions(db)
      const ofCompany = db.select({ id: groups.id }).from(groups).where(eq(groups.company_id, company_id))
      await db.delete(userGroups).where(and(eq(userGroups.user_id, user_id), inArray(userGroups.group_id, ofCompany)))
      await db
        .update(users)
        .set({ current_company_id: null })
        .where(and(eq(users.id, user_id), eq(users.current_company_id, company_id)))
      await this.#record('remove_from_company', company_id, target)
    })
  }

  async #record(action: string, company_id: number, { id, username, full_name }: CurrentUser, metadata = {}) {
    const entity = { entity_type: 'users', entity_id: id, entity_name: full_name ?? username }
    const category = ActivityCategory.AUTHORIZATION
    await ActivityLog.create(this.#ctx, { action, category, company_id, ...entity, metadata })
  }

  async #find(db: Db, user_id: number): Promise<CurrentUser> {
    const [found] = await db
      .select(getColumns(userProfiles))
      .from(users)
      .where(and(eq(users.id, user_id), not(users.is_deleted), visibleTo(this.#ctx)))
    if (!found) throw new AppError('not_found', 'User not found')
    return found
  }
}

interface NewMembership extends Assignment {
  user_id: number
  company_id: number
}

/** Writes a membership; the caller has settled that it may be. */
export async function assignRole(db: Db, { is_default, ...links }: NewMembership) {
  const [row] = await db
    .insert(userCompanyRoles)
    .values({ ...links, is_default })
    .onConflictDoUpdate({
      target: [userCompanyRoles.user_id, userCompanyRoles.company_id, userCompanyRoles.role_id],
      set: { is_active: true, updated_at: sql`now()`, ...(is_default !== undefined && { is_default }) },
    })
    .returning()
  if (!row) throw new Error('The database returned no membership')
  forgetPermissions(db)
  if (is_default) await clearOtherDefaults(db, row)
  return row
}

async function clearOtherDefaults(db: Db, { id, user_id }: { id: number; user_id: number }): Promise<void> {
  await db
    .update(userCompanyRoles)
    .set({ is_default: false })
    .where(
      and(eq(userCompanyRoles.user_id, user_id), ne(userCompanyRoles.id, id), eq(userCompanyRoles.is_default, true)),
    )
}

import { and, eq, not, sql } from 'drizzle-orm'
import { AppError } from '../core/errors.ts'
import { canonical } from '../core/permissions.ts'
import { userCompanyRoles } from '../models/index.ts'
import type { Context } from './context.ts'
import { demandGrantable } from './grants.ts'
import { forgetPermissions } from './permission.ts'
import { RoleService } from './role.ts'
import { demandSuperuser } from './superuser.ts'
import { UserRecords } from './users/records.ts'

/**
 * Roles and permissions one at a time, each safe to repeat. In a request the caller's own limits hold: their company, what they
 * hold themselves, no superusers. Trusted work (`systemContext`) has none of them; system roles stay as they are for both.
 */
export class RBACService {
  readonly #ctx: Context
  readonly #roles: RoleService

  constructor(ctx: Context) {
    const acrossCompanies = ctx.user === null && ctx.company_id === null
    this.#ctx = acrossCompanies ? { ...ctx, everywhere: true } : ctx
    this.#roles = new RoleService(this.#ctx)
  }

  /** Gives a user a role in a company, or switches it on again. @throws AppError `not_found`, `company_forbidden`, `permission_denied` */
  async assignRole(user_id: number, role_id: number, company_id: number): Promise<void> {
    this.#demandCompany(company_id)
    const role = await this.#roles.get(role_id)
    if (role.company_id !== null && role.company_id !== company_id) throw new AppError('not_found', 'Role not found')
    demandGrantable(this.#ctx, role.permissions)
    await this.#demandTouchable(user_id)
    await this.#ctx.db
      .insert(userCompanyRoles)
      .values({ user_id, role_id, company_id })
      .onConflictDoUpdate({
        target: [userCompanyRoles.user_id, userCompanyRoles.company_id, userCompanyRoles.role_id],
        set: { is_active: true, updated_at: sql`now()` },
        setWhere: not(userCompanyRoles.is_active),
      })
    forgetPermissions(this.#ctx.db)
  }

  /** Takes a role from a user; nothing when they do not have it. @throws AppError `not_found`, `company_forbidden`, `permission_denied` */
  async removeRole(user_id: number, role_id: number, company_id: number): Promise<void> {
    this.#demandCompany(company_id)
    await this.#demandTouchable(user_id)
    const { user_id: user, role_id: role, company_id: company } = userCompanyRoles
    await this.#ctx.db
      .delete(userCompanyRoles)
      .where(and(eq(user, user_id), eq(role, role_id), eq(company, company_id)))
    forgetPermissions(this.#ctx.db)
  }

  /** Adds a permission to a role. @throws AppError as `RoleService.update` */
  async grantPermission(role_id: number, name: string): Promise<void> {
    await this.#roles.changePermissions(role_id, (held) => [...held, name])
  }

  /** Takes a permission from a role. @throws AppError as `RoleService.update` */
  async revokePermission(role_id: number, name: string): Promise<void> {
    await this.#roles.changePermissions(role_id, (held) => held.filter((one) => one !== canonical(name)))
  }

  #demandCompany(company_id: number): void {
    if (!this.#ctx.everywhere && company_id !== this.#ctx.company_id) throw new AppError('company_forbidden')
  }

  /** In a request: whom the company sees, and superusers only by superusers. */
  async #demandTouchable(user_id: number): Promise<void> {
    const user = await new UserRecords(this.#ctx).get(user_id)
    if (user.is_superuser) demandSuperuser(this.#ctx, 'Only a superuser may change the roles of a superuser')
  }
}

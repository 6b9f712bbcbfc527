import { type SQL, and, eq, isNull, sql } from 'drizzle-orm'
import { AppError } from '../core/errors.ts'
import { setLinks } from '../db/bulk.ts'
import { rolePermissions, roles, userCompanyRoles } from '../models/index.ts'
import type { ListQuery } from '../schemas/list-query.ts'
import { recordRights } from './activity/rights.ts'
import { BaseCRUDService, COMPANY } from './base.ts'
import { type Context, demandCompany } from './context.ts'
import { codenameOf } from './codename.ts'
import { demandGrantable } from './grants.ts'
import { forgetPermissions } from './permission.ts'
import { findPermissions, granted, permissionNames } from './permission-names.ts'
import type { Page, Row } from './record.ts'
import { demandSuperuser } from './superuser.ts'

export type Role = Row<typeof roles> & { permissions: string[] }
type Fields = Pick<typeof roles.$inferInsert, 'name' | 'description' | 'is_active'>
/** `company_id: null` makes a role of all companies. */
export type RoleValues = Fields & { codename?: string; company_id?: number | null; permissions?: string[] }
export type RoleChanges = Partial<Fields> & { permissions?: string[] }

/**
 * The company's own roles, and those of all companies. System roles follow the code and are never changed; the other
 * roles of all companies are changed by superusers only.
 */
export class RoleService extends BaseCRUDService<typeof roles> {
  protected override readonly search = ['name', 'codename', 'description']

  constructor(ctx: Context) {
    super(roles, ctx)
  }

  protected override inCompany(): SQL | undefined {
    return sql`(${roles.company_id} = ${COMPANY} or ${roles.company_id} is null)`
  }

  override async get(id: number): Promise<Role> {
    return this.#withPermissions(await super.get(id))
  }

  override async getMulti(query: ListQuery): Promise<Page<Role>> {
    const page = await super.getMulti(query)
    const ids = page.items.map((role) => role.id)
    const names = await permissionNames(this.ctx.db, 'role', ids)
    return { ...page, items: page.items.map((role) => ({ ...role, permissions: names.get(role.id) ?? [] })) }
  }

  /** @throws AppError `permission_denied`, `validation_error`, `duplicate`, `no_company` */
  override async create({ permissions = [], company_id, codename, ...values }: RoleValues): Promise<Role> {
    const { db } = this.ctx
    const { ids, names } = await findPermissions(db, permissions)
    demandGrantable(this.ctx, names)
    const row = { ...values, company_id: this.#home(company_id), codename: codenameOf({ ...values, codename }) }
    if (row.company_id !== null) await this.#refuseTaken(row.codename)
    const [role] = await db.insert(roles).values(row).returning()
    if (!role) throw new Error('The database returned no role')
    await setLinks(db, rolePermissions, ['role_id', 'permission_id'], [{ id: role.id, members: ids }])
    const created = { ...role, permissions: names }
    await recordRights(this.ctx, 'roles', 'create', { after: created })
    return created
  }

  /** @throws AppError `not_found`, `bad_request` for a system role, `permission_denied`, `validation_error`, `duplicate` */
  override async update(id: number, { permissions, ...values }: RoleChanges): Promise<Role> {
    const { db } = this.ctx
    const before = await this.#lock(id)
    const named = permissions && (await findPermissions(db, permissions))
    const after = named?.names ?? before.permissions
    const is_active = values.is_active ?? before.is_active
    demandGrantable(this.ctx, granted(before, { is_active, permissions: after }))
    const role = await super.update(id, named ? { ...values, is_active } : values) // what it may do is a change of it
    if (named) await setLinks(db, rolePermissions, ['role_id', 'permission_id'], [{ id, members: named.ids }])
    forgetPermissions(db)
    const changed = { ...role, permissions: after }
    await recordRights(this.ctx, 'roles', 'update', { before, after: changed })
    return changed
  }

  /** Changes what it has, from what that is now: two such changes at once are both kept. @throws AppError as `update` */
  async changePermissions(id: number, change: (held: readonly string[]) => string[]): Promise<Role> {
    const { permissions } = await this.#lock(id)
    return this.update(id, { permissions: change(permissions) })
  }

  /** @throws AppError `not_found`, `bad_request` for a system role, `permission_denied`, `still_referenced` */
  override async delete(id: number): Promise<void> {
    const before = await this.#lock(id) // whoever is just assigning it waits, and then finds it gone
    const assigned = await this.ctx.db
      .select({ id: userCompanyRoles.id })
      .from(userCompanyRoles)
      .where(eq(userCompanyRoles.role_id, id))
      .limit(1)
    if (assigned.length) throw new AppError('still_referenced', 'The role is assigned; take it from its users first')
    await super.delete(id)
    await recordRights(this.ctx, 'roles', 'delete', { before })
  }

  /**
   * The role as it is once nobody else is changing it, if the caller may: what is granted depends on what it has, so two
   * changes at once must not both be judged by the state before them.
   */
  async #lock(id: number): Promise<Role> {
    const { is_system_role, company_id } = await super.get(id)
    if (is_system_role) throw new AppError('bad_request', 'System roles cannot be changed')
    if (company_id === null) demandSuperuser(this.ctx, 'Only a superuser may change a role of all companies')
    const [role] = await this.ctx.db.select().from(roles).where(eq(roles.id, id)).for('update')
    return this.#withPermissions(role ?? (await super.get(id)))
  }

  #home(company_id: number | null | undefined): number | null {
    if (company_id === null) {
      demandSuperuser(this.ctx, 'Only a superuser may create a role of all companies')
      return null
    }
    return demandCompany(this.ctx)
  }

  /** `requireRoles` knows roles by codename: nobody makes one of their own that it would take for a role of all companies. */
  async #refuseTaken(codename: string): Promise<void> {
    const [taken] = await this.ctx.db
      .select({ id: roles.id })
      .from(roles)
      .where(and(isNull(roles.company_id), eq(roles.codename, codename)))
    if (taken) throw new AppError('duplicate', 'Role with this codename already exists')
  }

  async #withPermissions(role: Row<typeof roles>): Promise<Role> {
    const names = await permissionNames(this.ctx.db, 'role', [role.id])
    return { ...role, permissions: names.get(role.id) ?? [] }
  }
}

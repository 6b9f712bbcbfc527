import { type SQL, and, eq, isNull, sql } from 'drizzle-orm'
import { AppError } from '../core/errors.ts'
import type { Db } from '../db/session.ts'
import { companies, roles } from '../models/index.ts'
import type { ListQuery } from '../schemas/list-query.ts'
import { ActivityCategory, ActivityLevel } from '../models/activity-log.ts'
import { ActivityLog } from './activity/activity-log.ts'
import { changedValues } from './activity/changed-values.ts'
import { BaseCRUDService, COMPANY } from './base.ts'
import { demandMayAdopt, demandNoCycle } from './companies/parent.ts'
import { demandEmpty } from './companies/remains.ts'
import type { Context } from './context.ts'
import type { CreateValues, Row, UpdateValues } from './record.ts'
import { UserService } from './user.ts'
import { assignRole } from './users/memberships.ts'

type Companies = typeof companies

/** The context's company; for superusers all. Rules are in docs/users-and-companies.md. */
export class CompanyService extends BaseCRUDService<Companies> {
  protected override readonly search = ['name', 'code']

  constructor(ctx: Context) {
    super(companies, ctx)
  }

  protected override inCompany(): SQL | undefined {
    return sql`${companies.id} = ${COMPANY}`
  }

  /** Its members, as `/users` shows them. @throws AppError `not_found` */
  async users(id: number, query: ListQuery) {
    await this.get(id)
    return new UserService({ ...this.ctx, company_id: id, everywhere: false }).list(query)
  }

  /** Makes a company, and who is no superuser its admin. @throws AppError `duplicate`, `company_forbidden` */
  override create(values: CreateValues<Companies>): Promise<Row<Companies>> {
    return this.ctx.trusted(async (db) => {
      const { parent_company_id: parent } = values
      if (typeof parent === 'number') await demandMayAdopt(db, this.ctx, parent)
      const [row] = await db.insert(companies).values(values).returning()
      if (!row) throw new Error('The database returned no company')
      if (!this.ctx.is_superuser) await this.#makeAdmin(db, row.id)
      await this.#record('create', row, row.id)
      return row
    })
  }

  /** @throws AppError `not_found`, `company_forbidden`, `bad_request` for a company below itself */
  override async update(id: number, { version: _, ...values }: UpdateValues<Companies>): Promise<Row<Companies>> {
    const seen = await this.get(id)
    if (Object.keys(values).length === 0) return seen
    const { parent_company_id: parent } = values
    return this.ctx.trusted(async (db) => {
      if (typeof parent === 'number' && parent !== seen.parent_company_id) {
        await demandMayAdopt(db, this.ctx, parent)
        await demandNoCycle(db, id, parent)
      }
      const [row] = await db
        .update(companies)
        .set({ ...values, updated_at: sql`now()` })
        .where(eq(companies.id, id))
        .returning()
      if (!row) throw new AppError('not_found', 'Company not found')
      await this.#record('update', row, id, changedValues(seen, row))
      return row
    })
  }

  /** Removes a company that nobody else is in and nothing is left of. @throws AppError `not_found`, `still_referenced` */
  override async delete(id: number): Promise<void> {
    const seen = await this.get(id)
    await this.ctx.trusted(async (db) => {
      // Whoever joins or is written meanwhile waits for this lock, and then refers to nothing.
      await db.select({ id: companies.id }).from(companies).where(eq(companies.id, id)).for('update')
      await demandEmpty(db, id, this.ctx.user?.id ?? 0)
      await db.delete(companies).where(eq(companies.id, id))
      await this.#record('delete', seen, null)
    })
  }

  /** In the company itself; that it was deleted, in none. */
  async #record(action: string, company: Row<Companies>, company_id: number | null, values = {}): Promise<void> {
    await ActivityLog.create(this.ctx, {
      action,
      category: action === 'update' ? ActivityCategory.CONFIGURATION : ActivityCategory.SYSTEM_MANAGEMENT,
      level: action === 'delete' ? ActivityLevel.WARNING : ActivityLevel.INFO,
      company_id,
      entity_type: 'companies',
      entity_id: company.id,
      entity_name: company.name,
      ...values,
    })
  }

  async #makeAdmin(db: Db, company_id: number): Promise<void> {
    const [admin] = await db
      .select({ id: roles.id })
      .from(roles)
      .where(and(isNull(roles.company_id), eq(roles.codename, 'admin')))
    const user_id = this.ctx.user?.id
    if (!admin || user_id === undefined) throw new Error('A company needs somebody to be its admin')
    await assignRole(db, { user_id, company_id, role_id: admin.id })
  }
}

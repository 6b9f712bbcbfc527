import { type SQL, and, getColumns, getTableName, not, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { AppError } from '../core/errors.ts'
import { runStatement } from '../db/statement.ts'
import { companies, roles, userCompanyRoles, users } from '../models/index.ts'
import { COMPANY } from './base.ts'
import type { Context } from './context.ts'

/**
 * What the fields of a record refer to: rows that its company sees. PostgreSQL checks foreign keys past row-level security,
 * so by itself it would take another company's row where it is there, and so tell that it is.
 */
export class References {
  readonly #ctx: Context
  readonly #tables: Record<string, PgTable>

  /** @param tables by field: `{ customer_id: companies }` */
  constructor(ctx: Context, tables: Record<string, PgTable>) {
    this.#ctx = ctx
    this.#tables = tables
  }

  /**
   * One statement, whatever the number of references; none where none is given. What is not there, deleted, or not to be seen
   * gets one answer.
   * @throws AppError `invalid_reference`, naming the fields
   */
  async demandSeen(values: Record<string, unknown>): Promise<void> {
    const given = Object.entries(this.#tables).filter(
      ([field]) => values[field] !== undefined && values[field] !== null,
    )
    if (given.length === 0) return
    const { db, everywhere, company_id } = this.#ctx
    const key = given.map(([field, table]) => `${field}=${getTableName(table)}`).join()
    const { rows } = await runStatement<Record<string, boolean>>(
      db,
      `references ${key}${everywhere ? ' everywhere' : ''}`,
      () =>
        db
          .select(Object.fromEntries(given.map(([field, table]) => [field, this.#isSeen(field, table).as(field)])))
          .from(sql`(values (1)) as one`),
      { ...values, $company_id: company_id },
    )
    const unseen = given.flatMap(([field]) => (rows[0]?.[field] ? [] : [field]))
    if (unseen.length)
      throw new AppError('invalid_reference', `${unseen.join(', ')} refers to something that does not exist`)
  }

  /** The first wall, as in `BaseCRUDService`: what a company sees of a table. */
  protected inCompany(table: PgTable): SQL | undefined {
    if (table === companies) return sql`${companies.id} = ${COMPANY}`
    if (table === users)
      return sql`${users.id} in (select user_id from ${userCompanyRoles} where company_id = ${COMPANY})`
    const { company_id } = columnsOf(table)
    return table === roles
      ? sql`(${company_id} = ${COMPANY} or ${company_id} is null)`
      : sql`${company_id} = ${COMPANY}`
  }

  #isSeen(field: string, table: PgTable): SQL<boolean> {
    const { id, is_deleted } = columnsOf(table)
    const scope = this.#ctx.everywhere ? undefined : this.inCompany(table)
    const wanted = and(sql`${id} = ${sql.placeholder(field)}`, scope, is_deleted && not(is_deleted))
    return sql<boolean>`exists (select from ${table} where ${wanted})`
  }
}

const columnsOf = (table: PgTable) => getColumns(table) as Record<string, PgColumn>

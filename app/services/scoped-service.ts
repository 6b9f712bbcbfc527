import { type SQL, and, getColumns, getTableName, not, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { type Buildable, runStatement } from '../db/statement.ts'
import type { Context } from './context.ts'
import type { Row, ScopedTable } from './record.ts'

/** The request's company, where a statement of a service names it. */
export const COMPANY = sql.placeholder('$company_id')
/** The request's user, likewise. */
export const USER = sql.placeholder('$user_id')

/** A condition of a service's statements. They are kept: `key` determines its text, and what it binds are placeholders. */
export interface View {
  key: string
  where: SQL | undefined
}
const ALL: View = { key: '', where: undefined }

/**
 * A table as one context may use it. A service says which rows those are, by `inCompany` and `view`; its statements ask for no
 * others, by `scope` or `live`, and go through `run`, which builds each once per process and has it prepared.
 */
export abstract class ScopedService<T extends ScopedTable> {
  protected readonly ctx: Context
  protected readonly table: PgTable
  protected readonly columns: Record<string, PgColumn>

  constructor(table: T, ctx: Context) {
    this.table = table
    this.columns = getColumns(table) as Record<string, PgColumn>
    this.ctx = ctx
  }

  /**
   * The first wall: every statement carries the company. The second is the database's row-level security. A superuser who
   * works across all companies has neither.
   */
  protected inCompany(): SQL | undefined {
    return sql`${this.columns['company_id']} = ${COMPANY}`
  }

  /** Which of the company's rows the caller sees, where that is not all of them; for superusers who work everywhere, too. */
  protected view(): View {
    return ALL
  }

  /** The company's rows, of them those that the caller sees. */
  protected scope(): SQL | undefined {
    return and(this.ctx.everywhere ? undefined : this.inCompany(), this.view().where)
  }

  /** Those of the scope that are not deleted. */
  protected live(...conditions: (SQL | undefined)[]): SQL | undefined {
    const { is_deleted } = this.columns
    return and(this.scope(), is_deleted && not(is_deleted), ...conditions)
  }

  /** Runs a statement of this service: `key` determines its text within the service, and what differs between calls is bound. */
  protected async run<R = Row<T>>(key: string, values: Record<string, unknown>, build: () => Buildable): Promise<R[]> {
    const { db, everywhere, company_id, user } = this.ctx
    const name = `${getTableName(this.table)} ${this.constructor.name}${everywhere ? ' everywhere' : ''} ${this.view().key} ${key}`
    const bound = { ...values, $company_id: company_id, $user_id: user?.id ?? null }
    const { rows } = await runStatement<R>(db, name, build, bound)
    return rows
  }
}

import { type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type { Result } from '../../db/engine.ts'
import { runStatement } from '../../db/statement.ts'
import { COMPANY } from '../base.ts'
import type { Context } from '../context.ts'

/**
 * The first wall of what belongs to threads, for the statements that `BaseCRUDService` does not write: each carries the
 * company. A class, so that a test can take the wall down and see that the second one holds.
 */
export class ThreadWall {
  protected readonly ctx: Context

  constructor(ctx: Context) {
    this.ctx = ctx
  }

  /** That a row is the company's. */
  inCompany(column: SQLWrapper): SQL | undefined {
    return this.ctx.everywhere ? undefined : sql`${column} = ${COMPANY}`
  }

  /** The same, of a table by the name that the statement gives it. */
  of(alias: string): SQL {
    return this.inCompany(sql.raw(`${alias}.company_id`)) ?? sql`true`
  }
}

/**
 * Runs a statement of threads, built once and prepared. `key` must determine its text but for the company: what differs
 * between calls is bound by name.
 */
export function runThreadStatement<Row>(
  ctx: Context,
  key: string,
  build: (wall: ThreadWall) => SQL,
  values: Record<string, unknown>,
): Promise<Result<Row>> {
  const name = `thread ${key}${ctx.everywhere ? ' everywhere' : ''}`
  const written = () => ({ toSQL: () => DIALECT.sqlToQuery(build(new ThreadWall(ctx))) })
  return runStatement<Row>(ctx.db, name, written, { ...values, $company_id: ctx.company_id })
}

/** Ids bound by name as JSON: as a set, and as rows; and a set of texts. */
export const boundIds = (name: string): SQL =>
  sql`(select jsonb_array_elements_text(${sql.placeholder(name)}::jsonb)::bigint)`
export const boundRows = (name: string): SQL =>
  sql`(select id::bigint from jsonb_array_elements_text(${sql.placeholder(name)}::jsonb) as id)`
export const boundTexts = (name: string): SQL =>
  sql`(select jsonb_array_elements_text(${sql.placeholder(name)}::jsonb))`

const DIALECT = new PgDialect()

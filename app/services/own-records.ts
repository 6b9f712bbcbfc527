import { type SQL, and, asc, eq, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { ListQuery } from '../schemas/list-query.ts'
import { BaseCRUDService, USER, type View } from './base.ts'
import type { Context } from './context.ts'
import type { Page, Row } from './record.ts'
import { seenBy } from './threads/seen.ts'

/** A table whose rows are each one user's, and may be about a record. */
type OwnTable = PgTable & Record<'id' | 'user_id' | 'company_id' | 'model_name' | 'record_id' | 'is_internal', PgColumn>

/**
 * What is the caller's own in the company of the request, and of it what they may see now: nothing about a record that they
 * may no longer read, or from an internal message that is not for them.
 */
export class OwnRecordsService<T extends OwnTable> extends BaseCRUDService<T> {
  readonly #view: View

  constructor(table: T, ctx: Context) {
    super(table, ctx)
    const { key, where } = seenBy(ctx.permissions, table)
    this.#view = { key, where: and(eq(table.user_id, USER), where) }
  }

  protected override view(): View {
    return this.#view
  }

  /** The newest first, unless another order is asked for. */
  override getMulti(query: ListQuery): Promise<Page<Row<T>>> {
    return super.getMulti(query.sort.length > 0 ? query : { ...query, sort: NEWEST_FIRST })
  }
}

const NEWEST_FIRST: ListQuery['sort'] = [{ field: 'id', kind: 'integer', descending: true }]

/** When it was first read, while it is read. */
export const readStamp = (read_at: PgColumn): SQL =>
  sql`case when ${sql.placeholder('is_read')}::boolean then coalesce(${read_at}, now()) end`

/** The order in which statements take rows that they change: two at once then wait, but never for each other. */
export const inOrder = (id: PgColumn): SQL => asc(id)

/** One of the ids that a statement is given as `$ids`. */
export const isGiven = (id: PgColumn): SQL => sql`${id} = any(${sql.placeholder('$ids')}::bigint[])`

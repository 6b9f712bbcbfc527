import type { InferInsertModel, InferSelectModel } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'

/** What `BaseCRUDService` works on. Company, soft delete, version and stamps work where the table has their mixins. */
export type ScopedTable = PgTable & { id: PgColumn }

export type Row<T extends PgTable> = InferSelectModel<T>

/** Columns that services write, never callers. */
type Stamps = 'id' | 'company_id' | `${'created' | 'updated'}_${'at' | 'by'}` | 'is_deleted' | 'deleted_at' | 'version'

export type CreateValues<T extends PgTable> = Omit<InferInsertModel<T>, Stamps>

/** What to change and, on a versioned model, the version it was read at. */
export type UpdateValues<T extends PgTable> = Partial<CreateValues<T>> & { version?: number }

/** One page of a list. `total` is null where it was not asked for, `next_cursor` on the last page. */
export interface Page<Item> {
  total: number | null
  items: Item[]
  page: number
  page_size: number
  next_cursor: string | null
}

import { sql } from 'drizzle-orm'
import type { ListQuery } from '../schemas/list-query.ts'
import { encodeCursor } from './cursor.ts'
import type { ListStatement } from './list-statement.ts'
import type { Page } from './record.ts'

/** The part of a list that a page shows, as its statement names it. */
export const LIMIT = sql.placeholder('$limit')
export const OFFSET = sql.placeholder('$offset')

/** What they are: one row more than the page has tells whether another page follows. */
export const windowOf = ({ page, page_size }: ListQuery, { cursor }: ListStatement) => ({
  $limit: page_size + 1,
  $offset: cursor ? 0 : (page - 1) * page_size,
})

/** The page that these rows make, and the cursor of the next one. */
export function pageOf<Item extends Record<string, unknown>>(
  rows: Item[],
  total: number | null,
  query: ListQuery,
  { cursor, sort }: ListStatement,
): Page<Item> {
  const { page_size } = query
  const page = cursor?.page ?? query.page
  const items = rows.slice(0, page_size)
  const last = rows.length > page_size ? items.at(-1) : undefined
  const next_cursor = last ? encodeCursor(last, sort, page + 1) : null
  return { total, items, page, page_size, next_cursor }
}

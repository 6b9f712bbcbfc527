import { sql } from 'drizzle-orm'
import { newProduct } from './caller.ts'
import { test as base } from './fixtures.ts'

export { describe, expect } from './fixtures.ts'

/** A record, as threads name it. */
export const on = (record_id: number) => ({ model_name: 'products', record_id })
/** The thread of a product. */
export const threadOf = (record_id: number, more = '') => `/messages?model_name=products&record_id=${record_id}${more}`
export const followersOf = (record_id: number, more = '') =>
  `/messages/followers?model_name=products&record_id=${record_id}${more}`
export const THUMB = encodeURIComponent('👍')

/** `test` with a product of the test company, and one of the other company. */
export const test = base
  .extend('product', async ({ as, testUser }): Promise<number> => {
    return (await as(testUser).post('/products', newProduct)).json().id
  })
  .extend('foreign', async ({ as, outsider }): Promise<number> => {
    return (await as(outsider).post('/products', newProduct)).json().id
  })
  // Rows of any table, past all walls.
  .extend('rowsOf', ({ trusted }) => async (table: string): Promise<Record<string, unknown>[]> => {
    const { rows } = await trusted(({ db }) =>
      db.execute<Record<string, unknown>>(sql`select * from ${sql.identifier(table)} order by id`),
    )
    return rows
  })

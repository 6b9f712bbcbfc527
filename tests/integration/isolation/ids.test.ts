import { sql } from 'drizzle-orm'
import { ProductService } from '../../../app/services/product.ts'
import { describe, expect, test } from '../../support/fixtures.ts'
import { onlyProducts } from '../../support/rows.ts'

const EPOCH = Date.UTC(2026, 0)
/** The moment an id was made, in milliseconds. */
const momentOf = (id: number) => EPOCH + (Math.floor(id / 32) * 4) / 1000

describe('the id of a record', () => {
  test('is the moment it was made, whatever others made meanwhile', async ({ workAs, testUser, outsider }) => {
    const make = (sku: string) =>
      workAs(testUser, async (ctx) => {
        const { rows } = await ctx.db.unit.query({ text: 'select extract(epoch from clock_timestamp()) * 1000 as now' })
        const { id } = await new ProductService(ctx).create({ name: sku, sku, price: '1.00' })
        return { id, since: momentOf(id) - Number(rows[0]?.['now']) }
      })
    const first = await make('A')
    await onlyProducts(
      workAs,
      outsider,
      Array.from({ length: 500 }, (_, n) => ({ sku: `B-${n}` })),
    )
    const second = await make('B')
    for (const { id, since } of [first, second]) {
      expect(Number.isSafeInteger(id)).toBe(true)
      expect(since).toBeGreaterThanOrEqual(0)
      expect(since).toBeLessThan(5000)
    }
    expect(second.id).toBeGreaterThan(first.id)
  })

  test('grows within a statement, so that rows are listed in the order they were given', async ({ trusted }) => {
    const { rows } = await trusted(({ db }) =>
      db.unit.query({ text: `select n, new_id() as id from generate_series(1, 20000) n order by n` }),
    )
    const ids = rows.map(({ id }) => Number(id))
    expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b))
  })

  test('is not given out twice by two sessions at the same moment', async ({ trusted }) => {
    const many = () =>
      trusted(async ({ db }) => {
        const { rows } = (await db.execute(
          sql`select array_agg(new_id()) as ids from generate_series(1, 20000)`,
        )) as unknown as { rows: { ids: number[] }[] }
        return rows[0]!.ids
      })
    const ids = (await Promise.all([many(), many(), many(), many()])).flat()
    expect(new Set(ids).size).toBe(80_000)
  })
})

import type { Context } from '../../app/services/context.ts'
import { ProductService } from '../../app/services/product.ts'
import { describe, expect, test } from '../support/fixtures.ts'

describe('a product by its SKU', () => {
  test('is the company’s own, and none once it is deleted', async ({ workAs, testUser, outsider }) => {
    const find = (ctx: Context) => new ProductService(ctx).getBySku('LAMP')
    const own = await workAs(testUser, (ctx) =>
      new ProductService(ctx).create({ name: 'Lamp', sku: 'LAMP', price: '1' }),
    )
    expect(await workAs(testUser, find)).toEqual(own)
    expect(await workAs(outsider, find)).toBeUndefined()
    await workAs(testUser, (ctx) => new ProductService(ctx).delete(own.id))
    expect(await workAs(testUser, find)).toBeUndefined()
  })
})

import type { Context } from '../../app/services/context.ts'
import { BaseCRUDService } from '../../app/services/base.ts'
import { groups } from '../../app/models/index.ts'
import { ProductService } from '../../app/services/product.ts'
import { describe, expect, test } from '../support/fixtures.ts'

describe('a list of products', () => {
  test('is the first page where nothing is asked of it', async ({ workAs, testUser }) => {
    const page = await workAs(testUser, async (ctx) => {
      const service = new ProductService(ctx)
      await service.create({ name: 'Lamp', sku: 'LAMP', price: '8.00' })
      const filters = [{ field: 'price', operator: 'lt' as const, value: '9' }]
      return { all: await service.getMulti(), cheap: await service.getMulti({ page_size: 5, q: 'lamp', filters }) }
    })
    expect(page.all).toMatchObject({ total: 1, page: 1, page_size: 20, items: [{ sku: 'LAMP' }] })
    expect(page.cheap).toMatchObject({ total: 1, page_size: 5, items: [{ sku: 'LAMP' }] })
  })
})

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

test('a version asks for nothing of a model that counts none', async ({ workAs, adminUser }) => {
  const renamed = await workAs(adminUser, async (ctx) => {
    const service = new BaseCRUDService(groups, ctx)
    const { id } = await service.create({ name: 'Night shift', codename: 'night_shift' })
    const { name } = await service.update(id, { name: 'Day shift', version: 7 })
    await service.delete(id, 7)
    return name
  })
  expect(renamed).toBe('Day shift')
})

import { eq, sql } from 'drizzle-orm'
import { products } from '../models/product.ts'
import { BaseCRUDService } from './base.ts'
import type { Context } from './context.ts'
import type { Row } from './record.ts'

// A SKU that is taken comes back from the database as 400 `duplicate`: checking first and inserting then would race.
export class ProductService extends BaseCRUDService<typeof products> {
  protected override readonly search = ['name', 'sku', 'description']

  constructor(ctx: Context) {
    super(products, ctx)
  }

  /** The company's product with a SKU; what is deleted, or another company's, is none. */
  async getBySku(sku: string): Promise<Row<typeof products> | undefined> {
    const { db } = this.ctx
    const hasSku = eq(products.sku, sql.placeholder('sku'))
    const [product] = await this.run('by sku', { sku }, () => db.select().from(products).where(this.live(hasSku)))
    return product
  }
}

import { products } from '../models/product.ts'
import { BaseCRUDService } from './base.ts'
import type { Context } from './context.ts'

// A SKU that is taken comes back from the database as 400 `duplicate`: checking first and inserting then would race.
export class ProductService extends BaseCRUDService<typeof products> {
  protected override readonly search = ['name', 'sku', 'description']

  constructor(ctx: Context) {
    super(products, ctx)
  }
}

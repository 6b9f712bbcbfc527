import { products } from '../../models/product.ts'
import { ProductCreate, ProductResponse, ProductUpdate } from '../../schemas/product.ts'
import { ProductService } from '../../services/product.ts'
import { crudRoutes } from '../http/crud-routes.ts'
import type { App } from '../http/type-provider.ts'

export async function productRoutes(app: App) {
  crudRoutes(app, {
    resource: 'product',
    tag: 'Products',
    model: products,
    service: ProductService,
    create: ProductCreate,
    update: ProductUpdate,
    response: ProductResponse,
  })
}

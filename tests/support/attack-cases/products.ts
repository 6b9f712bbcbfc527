import { products } from '../../../app/models/index.ts'
import { ProductService } from '../../../app/services/product.ts'
import { SECRET } from '../attack.ts'
import { type Feature, forbidden, item, own } from './case.ts'

const product = { name: 'x', sku: 'X-1', price: '1.00' }
const secret = { name: SECRET, sku: SECRET, price: '1.00', description: SECRET, metadata: { note: SECRET } }

export const productFeature: Feature = {
  table: products,
  create: (ctx, changes) => new ProductService(ctx).create({ ...secret, ...changes }),
  cases: ({ company_id }, { id }) => ({
    'get /api/v1/products': own([200]),
    'get /api/v1/products?q=SECRET': own([200]),
    'get /api/v1/products?sort=-name&sku__contains=SECRET': own([200]),
    [`get /api/v1/products?company_id=${company_id}`]: own([403]),
    'get /api/v1/products?company_id=all': own([403]),
    'get /api/v1/products?deleted=true': own([200]),
    'post /api/v1/products': forbidden({ ...product, company_id }),
    'get /api/v1/products/{id}': item(id),
    'put /api/v1/products/{id}': item(id, { name: 'taken' }),
    'patch /api/v1/products/{id}': item(id, { name: 'taken', version: 1 }),
    'delete /api/v1/products/{id}': item(id),
    'post /api/v1/products/{id}/restore': item(id),
  }),
}

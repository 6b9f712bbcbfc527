import type { AttackCase } from '../attack.ts'
import { type Victim, forbidden, item, own } from './case.ts'

const product = { name: 'x', sku: 'X-1', price: '1.00' }

export const productCases = ({ company_id, product_id }: Victim): Record<string, AttackCase> => ({
  'get /api/v1/products': own([200]),
  'get /api/v1/products?q=SECRET': own([200]),
  'get /api/v1/products?sort=-name&sku__contains=SECRET': own([200]),
  [`get /api/v1/products?company_id=${company_id}`]: own([403]),
  'get /api/v1/products?company_id=all': own([403]),
  'post /api/v1/products': forbidden({ ...product, company_id }),
  'get /api/v1/products/{id}': item(product_id),
  'put /api/v1/products/{id}': item(product_id, { name: 'taken' }),
  'patch /api/v1/products/{id}': item(product_id, { name: 'taken', version: 1 }),
  'delete /api/v1/products/{id}': item(product_id),
})

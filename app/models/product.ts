import { sql } from 'drizzle-orm'
import { numeric, text, uniqueIndex, varchar } from 'drizzle-orm/pg-core'
import { companyTable, enterpriseModel } from './base.ts'

export const products = companyTable(
  'products',
  {
    ...enterpriseModel(),
    name: varchar({ length: 255 }).notNull(),
    sku: varchar({ length: 50 }).notNull(),
    price: numeric({ precision: 10, scale: 2 }).notNull(),
    description: text(),
  },
  // A deleted product gives its SKU back.
  (t) => [
    uniqueIndex('products_company_id_sku_key')
      .on(t.company_id, t.sku)
      .where(sql`not is_deleted`),
  ],
)

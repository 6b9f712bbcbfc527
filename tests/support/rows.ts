import { eq } from 'drizzle-orm'
import { products } from '../../app/models/index.ts'
import type { TestUser } from './baseline.ts'
import type { WorkAs } from './work-as.ts'

type ProductRow = Partial<typeof products.$inferInsert> & { sku: string }

/** Makes these the user's company's only products, all at one moment: `created_at` is a tie. */
export const onlyProducts = (workAs: WorkAs, user: TestUser, rows: ProductRow[]): Promise<void> =>
  workAs(user, async ({ db, company_id }) => {
    await db.delete(products).where(eq(products.company_id, company_id ?? 0))
    const values = rows.map((row) => ({ name: row.sku, price: '1.00', company_id: company_id ?? 0, ...row }))
    if (values.length) await db.insert(products).values(values)
  })

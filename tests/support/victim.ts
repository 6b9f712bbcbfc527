import { sql } from 'drizzle-orm'
import type { Context } from '../../app/services/context.ts'
import { ProductService } from '../../app/services/product.ts'
import { SECRET } from './attack.ts'
import type { Victim } from './attack-cases.ts'
import type { TestUser } from './baseline.ts'
import type { WorkAs } from './work-as.ts'

/** Records of a company with the secret in every text of them. */
export async function victimOf(workAs: WorkAs, owner: TestUser, changes: { sku?: string } = {}): Promise<Victim> {
  const product = {
    name: SECRET,
    sku: SECRET,
    price: '1.00',
    description: SECRET,
    metadata: { note: SECRET },
    ...changes,
  }
  const { id, company_id } = await workAs(owner, (ctx) => new ProductService(ctx).create(product))
  return { company_id, product_id: id }
}

/** The victim's products, by every column: what an attack must leave as it is. */
export async function totalOf({ db }: Context, { company_id }: Victim): Promise<unknown> {
  const { rows } = (await db.execute(sql`select * from products where company_id = ${company_id} order by id`)) as {
    rows: unknown[]
  }
  return rows
}

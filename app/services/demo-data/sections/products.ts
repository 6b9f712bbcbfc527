import { and, not, sql } from 'drizzle-orm'
import { updateRows } from '../../../db/bulk.ts'
import { products } from '../../../models/index.ts'
import type { Item } from '../../../schemas/demo-data.ts'
import { type Job, companyId } from '../job.ts'
import { type Counts, NO_COUNTS, countsOf, idsOf, inBatches, patchesOf, splitKnown, sumOf } from '../merge.ts'
import type { Entry } from '../parse.ts'

/** In batches from end to end, so that memory and statements stay small however many there are. */
export async function writeProducts(job: Job): Promise<Counts> {
  let total = NO_COUNTS
  await inBatches(job.items.products, async (batch) => {
    total = sumOf(total, await writeBatch(job, batch))
    job.advance(batch.length)
  })
  return total
}

async function writeBatch(job: Job, batch: Entry<Item<'products'>>[]): Promise<Counts> {
  const { db, update } = job
  const valuesOf = ({ company_code, price, ...values }: Item<'products'>) => ({
    ...values,
    company_id: companyId(job, company_code),
    price: Number(price).toFixed(2), // as the column prints it; exact, for it has at most ten digits
  })
  const keys = batch.map(({ item }) => ({ company_id: companyId(job, item.company_code), sku: item.sku }))
  const rows = await db
    .select()
    .from(products)
    .where(and(not(products.is_deleted), sql`(${products.company_id}, ${products.sku}) in ${productKeys(keys)}`))
  const found = new Map(rows.map((row) => [keyOf(row), row]))
  const { fresh, known } = splitKnown(batch, (item) => found.get(keyOf(valuesOf(item))))
  if (fresh.length > 0) await db.insert(products).values(fresh.map(valuesOf))
  const patches = update ? patchesOf(known, valuesOf) : []
  const versions = new Map(rows.map(({ id, version }) => [id, version]))
  await updateRows(
    db,
    products,
    patches.map((patch) => ({ ...patch, version: (versions.get(patch.id) ?? 0) + 1 })),
  )
  return countsOf(fresh, known, idsOf(patches))
}

const keyOf = ({ company_id, sku }: { company_id: number; sku: string }) => `${company_id}/${sku}`
const productKeys = (keys: { company_id: number; sku: string }[]) =>
  sql`(select company_id, sku from jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) as k(company_id bigint, sku text))`

import { updateRows } from '../../../db/bulk.ts'
import { companies } from '../../../models/index.ts'
import type { Item } from '../../../schemas/demo-data.ts'
import { type Job, companyId, optionalCompanyId } from '../job.ts'
import { companyKey } from '../keys.ts'
import { type Counts, countsOf, idsOf, inBatches, patchesOf, splitKnown } from '../merge.ts'

/** Parents may come after their children in the file: companies are made first and put under their parents then. */
export async function writeCompanies(job: Job): Promise<Counts> {
  const { db, found } = job
  const { fresh, known } = splitKnown(job.items.companies, (item) => found.companies.get(companyKey(item.code)))
  await inBatches(fresh, async (batch) => {
    const rows = await db.insert(companies).values(batch.map(ownValues)).returning()
    for (const row of rows) found.companies.set(companyKey(row.code), row)
  })
  const children = fresh.flatMap((item) =>
    item.parent_company_code
      ? [{ id: companyId(job, item.code), parent_company_id: companyId(job, item.parent_company_code) }]
      : [],
  )
  const values = (item: Item<'companies'>) => ({
    ...ownValues(item),
    parent_company_id: optionalCompanyId(job, item.parent_company_code),
  })
  const patches = job.update ? patchesOf(known, values) : []
  await updateRows(db, companies, [...children, ...patches])
  return countsOf(fresh, known, idsOf(patches))
}

function ownValues(item: Item<'companies'>) {
  const { parent_company_code: _, ...values } = item
  return values
}

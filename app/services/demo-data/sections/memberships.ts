import { sql } from 'drizzle-orm'
import { idSet, updateRows } from '../../../db/bulk.ts'
import { userCompanyRoles } from '../../../models/index.ts'
import type { Item } from '../../../schemas/demo-data.ts'
import { type Job, companyId, roleId, userId } from '../job.ts'
import { type Counts, countsOf, idsOf, inBatches, patchesOf, splitKnown } from '../merge.ts'

interface Links {
  user_id: number
  company_id: number
  role_id: number
}
const keyOf = ({ user_id, company_id, role_id }: Links) => `${user_id}/${company_id}/${role_id}`

export async function writeMemberships(job: Job): Promise<Counts> {
  const { db, update, items } = job
  const linksOf = (item: Item<'user_company_roles'>): Links => ({
    user_id: userId(job, item.user_email),
    company_id: companyId(job, item.company_code),
    role_id: roleId(job, item),
  })
  const valuesOf = (item: Item<'user_company_roles'>) => ({
    ...linksOf(item),
    is_default: item.is_default,
    is_active: item.is_active,
    created_at: item.created_at,
  })
  const members = new Set(items.user_company_roles.map(({ item }) => userId(job, item.user_email)))
  const rows = await db
    .select()
    .from(userCompanyRoles)
    .where(sql`${userCompanyRoles.user_id} in ${idSet(members)}`)
  const found = new Map(rows.map((row) => [keyOf(row), row]))
  const { fresh, known } = splitKnown(items.user_company_roles, (item) => found.get(keyOf(linksOf(item))))
  await inBatches(fresh, (batch) => db.insert(userCompanyRoles).values(batch.map(valuesOf)))
  const patches = update ? patchesOf(known, valuesOf) : []
  await updateRows(db, userCompanyRoles, patches)
  return countsOf(fresh, known, idsOf(patches))
}

import { setLinks, updateRows } from '../../../db/bulk.ts'
import { rolePermissions, roles } from '../../../models/index.ts'
import type { Item } from '../../../schemas/demo-data.ts'
import { codenameOf } from '../../codename.ts'
import { type Job, optionalCompanyId, permissionIds } from '../job.ts'
import { namedKey } from '../keys.ts'
import { type Counts, countsOf, idsOf, inBatches, patchesOf, splitKnown } from '../merge.ts'

export async function writeRoles(job: Job): Promise<Counts> {
  const { db, found, items, update } = job
  const find = (item: Item<'roles'>) => found.roles.get(namedKey(item.company_code, item.name))
  const valuesOf = (item: Item<'roles'>) => {
    const { permissions: _, company_code, ...values } = item
    return { ...values, company_id: optionalCompanyId(job, company_code) ?? null }
  }
  const { fresh, known } = splitKnown(items.roles, find)
  await inBatches(fresh, async (batch) => {
    const values = batch.map((item) => ({ ...valuesOf(item), codename: codenameOf(item) }))
    const codes = new Map(batch.map((item) => [valuesOf(item).company_id, item.company_code]))
    for (const row of await db.insert(roles).values(values).returning())
      found.roles.set(namedKey(codes.get(row.company_id), row.name), row)
  })
  const changeable = update ? known.filter(({ row }) => !row.is_system_role) : []
  const patches = patchesOf(changeable, valuesOf)
  await updateRows(db, roles, patches)

  const grants = [...fresh, ...changeable.map(({ item }) => item)].flatMap((item) => {
    const row = find(item)
    return row && item.permissions ? [{ id: row.id, members: permissionIds(job, item.permissions) }] : []
  })
  const regranted = await setLinks(db, rolePermissions, ['role_id', 'permission_id'], grants)
  return countsOf(fresh, known, [...idsOf(patches), ...regranted])
}

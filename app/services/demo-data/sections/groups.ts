import { setLinks, updateRows } from '../../../db/bulk.ts'
import { groupPermissions, groups, userGroups } from '../../../models/index.ts'
import type { Item } from '../../../schemas/demo-data.ts'
import { codenameOf } from '../../codename.ts'
import { type Job, companyId, permissionIds, userIds } from '../job.ts'
import { namedKey } from '../keys.ts'
import { type Counts, countsOf, idsOf, inBatches, patchesOf, splitKnown } from '../merge.ts'

export async function writeGroups(job: Job): Promise<Counts> {
  const { db, found, items, update } = job
  const find = (item: Item<'groups'>) => found.groups.get(namedKey(item.company_code, item.name))
  const valuesOf = (item: Item<'groups'>) => {
    const { users: _, permissions: __, company_code, ...values } = item
    return { ...values, company_id: companyId(job, company_code) }
  }
  const { fresh, known } = splitKnown(items.groups, find)
  await inBatches(fresh, async (batch) => {
    const values = batch.map((item) => ({ ...valuesOf(item), codename: codenameOf(item) }))
    const codes = new Map(batch.map((item) => [valuesOf(item).company_id, item.company_code]))
    for (const row of await db.insert(groups).values(values).returning())
      found.groups.set(namedKey(codes.get(row.company_id), row.name), row)
  })
  const patches = update ? patchesOf(known, valuesOf) : []
  await updateRows(db, groups, patches)

  const written = (update ? items.groups.map(({ item }) => item) : fresh).flatMap((item) => {
    const row = find(item)
    return row ? [{ id: row.id, item }] : []
  })
  const members = written.flatMap(({ id, item }) => (item.users ? [{ id, members: userIds(job, item.users) }] : []))
  const grants = written.flatMap(({ id, item }) =>
    item.permissions ? [{ id, members: permissionIds(job, item.permissions) }] : [],
  )
  const rejoined = await setLinks(db, userGroups, ['group_id', 'user_id'], members)
  const regranted = await setLinks(db, groupPermissions, ['group_id', 'permission_id'], grants)
  return countsOf(fresh, known, [...idsOf(patches), ...rejoined, ...regranted])
}

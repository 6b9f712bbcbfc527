import { updateRows } from '../../../db/bulk.ts'
import { permissions } from '../../../models/index.ts'
import type { Item } from '../../../schemas/demo-data.ts'
import type { Job } from '../job.ts'
import { type Counts, countsOf, idsOf, inBatches, patchesOf, splitKnown } from '../merge.ts'

export async function writePermissions({ db, items, found, update }: Job): Promise<Counts> {
  const { fresh, known } = splitKnown(items.permissions, (item) => found.permissions.get(item.name))
  await inBatches(fresh, async (batch) => {
    const rows = await db.insert(permissions).values(batch.map(valuesOf)).returning()
    for (const row of rows) found.permissions.set(row.name, row)
  })
  const patches = update ? patchesOf(known, valuesOf) : []
  await updateRows(db, permissions, patches)
  return countsOf(fresh, known, idsOf(patches))
}

function valuesOf({ name, description, is_active }: Item<'permissions'>) {
  const [resource = '', action = ''] = name.split('.')
  return { name, description, is_active, resource, action }
}

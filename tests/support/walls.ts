import { is } from 'drizzle-orm'
import { PgTable, getTableConfig } from 'drizzle-orm/pg-core'
import { vi } from 'vitest'
import type { Engine } from '../../app/db/engine.ts'
import { forgetStatements } from '../../app/db/statement.ts'
import * as models from '../../app/models/index.ts'
import { BaseCRUDService } from '../../app/services/base.ts'
import { CompanyService } from '../../app/services/company.ts'
import { References } from '../../app/services/references.ts'
import { RoleService } from '../../app/services/role.ts'
import { FollowerRecords } from '../../app/services/threads/followers.ts'
import { ThreadWall } from '../../app/services/threads/wall.ts'
import { UserRecords } from '../../app/services/users/records.ts'

/** Every table that has a policy. */
const GUARDED = Object.values(models).flatMap((model) => {
  if (!is(model, PgTable)) return []
  const { name, policies } = getTableConfig(model)
  return policies.length > 0 ? [name] : []
})

/** Each service that has a first wall of its own. */
const WALLS = [BaseCRUDService, UserRecords, CompanyService, RoleService, References, ThreadWall, FollowerRecords]

/** Takes the first wall down: services no longer ask for their company's rows only. `vi.restoreAllMocks` puts it back. */
export function withoutFirstWall(): void {
  forgetStatements() // what was built with the wall must not be used
  for (const { prototype } of WALLS) {
    const service = prototype as unknown as { inCompany(): undefined }
    vi.spyOn(service, 'inCompany').mockReturnValue(undefined)
  }
}

/** Takes the second wall down while `work` runs: the database no longer guards the rows. */
export async function withoutSecondWall<R>(engine: Engine, work: () => Promise<R>): Promise<R> {
  const alter = async (change: string) => {
    const connection = await engine.connect()
    await connection.script(GUARDED.map((table) => `alter table ${table} ${change} row level security`).join('; '))
    connection.release()
  }
  await alter('disable')
  try {
    return await work()
  } finally {
    await alter('enable')
  }
}

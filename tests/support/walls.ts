import { vi } from 'vitest'
import type { Engine } from '../../app/db/engine.ts'
import { BaseCRUDService } from '../../app/services/base.ts'
import { CompanyService } from '../../app/services/company.ts'
import { RoleService } from '../../app/services/role.ts'
import { UserRecords } from '../../app/services/users/records.ts'

const GUARDED = [
  'products',
  'idempotency_keys',
  'users',
  'companies',
  'roles',
  'role_permissions',
  'user_company_roles',
  'groups',
  'group_permissions',
  'user_groups',
  'activity_logs',
  'messages',
  'notifications',
]

/** Takes the first wall down: services no longer ask for their company's rows only. `vi.restoreAllMocks` puts it back. */
export function withoutFirstWall(): void {
  // Each service that has its own.
  for (const { prototype } of [BaseCRUDService, UserRecords, CompanyService, RoleService]) {
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

import { PERMISSIONS, SYSTEM_ROLES } from '../core/permissions.ts'
import type { Db } from '../db/session.ts'

/** What `syncCatalogue` would change: names of permissions to add, and of system roles that grant other ones than the code's. */
export interface CatalogueChanges {
  permissions: string[]
  roles: string[]
}

export async function catalogueChanges(db: Db): Promise<CatalogueChanges> {
  const names = JSON.stringify(PERMISSIONS.map(({ name }) => name))
  const lacking = await db.unit.query({ text: LACKING_PERMISSIONS }, [names])
  const stored = await db.unit.query({ text: STORED_ROLES })
  return { permissions: lacking.rows.map(({ name }) => String(name)), roles: rolesOutOfStep(stored.rows) }
}

/** Codenames of the system roles that differ from the code's, given the rows of `STORED_ROLES`. */
export function rolesOutOfStep(rows: Record<string, unknown>[]): string[] {
  const stored = new Map(rows.map((row) => [String(row['codename']), row['permissions']]))
  const declared = new Map(SYSTEM_ROLES.map(({ codename, permissions }) => [codename, permissions.toSorted().join()]))
  const codenames = new Set([...stored.keys(), ...declared.keys()])
  return [...codenames].filter((codename) => stored.get(codename) !== declared.get(codename)).sort()
}

export const STORED_ROLES = `
  select r.codename, coalesce(string_agg(p.name, ',' order by p.name collate "C"), '') as permissions from roles r
  left join role_permissions on role_id = r.id left join permissions p on p.id = permission_id and p.is_active
  where r.is_system_role and r.is_active and r.company_id is null group by r.codename`

const LACKING_PERMISSIONS = `
  select name from jsonb_array_elements_text($1::jsonb) as code(name)
  where not exists (select from permissions p where p.name = code.name and p.is_active) order by name`

import { and, isNull, not, notInArray, sql } from 'drizzle-orm'
import type { Settings } from '../core/config.ts'
import { PERMISSIONS, SYSTEM_ROLES } from '../core/permissions.ts'
import type { Engine } from '../db/engine.ts'
import type { Db } from '../db/session.ts'
import { companies, permissions, roles } from '../models/index.ts'
import { type CatalogueChanges, catalogueChanges } from './catalogue-changes.ts'
import { systemContext } from './context.ts'

/**
 * What every installation needs before its first user: the permission catalogue, the system roles and a default company.
 * Doing it again changes nothing. It makes no user: nobody gets in by a password that is written down somewhere.
 */
export async function initDb(engine: Engine, settings: Settings): Promise<void> {
  await systemContext({ engine, settings, company_id: null }, async ({ db }) => {
    await syncCatalogue(db)
    await db.insert(companies).values({ code: 'DEFAULT', name: 'Default Company' }).onConflictDoNothing()
  })
}

/** Makes the rows follow `core/permissions.ts`; called after each `migrate`. @returns what was not in step */
export async function syncPermissions(engine: Engine, settings: Settings): Promise<CatalogueChanges> {
  return systemContext({ engine, settings, company_id: null }, async ({ db }) => {
    const changes = await catalogueChanges(db)
    await syncCatalogue(db)
    return changes
  })
}

/** What `syncPermissions` would change. */
export async function lookAtPermissions(engine: Engine, settings: Settings): Promise<CatalogueChanges> {
  return systemContext({ engine, settings, company_id: null, readOnly: true, long: true }, ({ db }) =>
    catalogueChanges(db),
  )
}

/** `syncPermissions` as a part of other work. Five statements, whatever the size of the catalogue. */
export async function syncCatalogue(db: Db): Promise<void> {
  const now = sql`now()`
  await db
    .insert(permissions)
    .values(PERMISSIONS)
    .onConflictDoUpdate({
      target: permissions.name,
      set: { is_active: true, updated_at: now },
      setWhere: not(permissions.is_active),
    })
  await db
    .insert(roles)
    .values(SYSTEM_ROLES.map(({ codename, name }) => ({ codename, name, is_system_role: true })))
    .onConflictDoUpdate({
      target: [roles.company_id, roles.codename],
      set: { name: sql`excluded.name`, is_system_role: true, is_active: true, updated_at: now },
      setWhere: sql`(${roles.name}, ${roles.is_system_role}, ${roles.is_active}) is distinct from (excluded.name, true, true)`,
    })
  // No longer in the code: such a permission or role stays, for the records that name it, and grants nothing.
  // Permissions that somebody made beside the catalogue are not meant; no system role has them.
  await db
    .update(permissions)
    .set({ is_active: false, updated_at: now })
    .where(
      and(
        permissions.is_active,
        notInArray(
          permissions.name,
          PERMISSIONS.map((permission) => permission.name),
        ),
        sql`${permissions.id} in (select permission_id from role_permissions join roles r on r.id = role_id where r.is_system_role)`,
      ),
    )
  await db
    .update(roles)
    .set({ is_active: false, updated_at: now })
    .where(
      and(
        roles.is_active,
        roles.is_system_role,
        isNull(roles.company_id),
        notInArray(
          roles.codename,
          SYSTEM_ROLES.map((role) => role.codename),
        ),
      ),
    )
  await db.unit.query({ text: SYNC_GRANTS }, [JSON.stringify(SYSTEM_ROLES)])
}

const SYNC_GRANTS = `
with granted as (
  select r.id as role_id, p.id as permission_id
  from jsonb_array_elements($1::jsonb) as s(role)
  cross join jsonb_array_elements_text(role -> 'permissions') as g(permission)
  join permissions p on p.name = permission
  join roles r on r.is_system_role and r.company_id is null and r.codename = role ->> 'codename'
), withdrawn as (
  delete from role_permissions
  where role_id in (select id from roles where is_system_role)
    and (role_id, permission_id) not in (select role_id, permission_id from granted)
)
insert into role_permissions (role_id, permission_id) select role_id, permission_id from granted on conflict do nothing`

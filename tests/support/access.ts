import { inArray } from 'drizzle-orm'
import {
  groupPermissions,
  groups,
  permissions,
  rolePermissions,
  roles,
  userCompanyRoles,
  userGroups,
} from '../../app/models/index.ts'
import type { Context } from '../../app/services/context.ts'
import { SYSTEM_ROLES } from '../../app/core/permissions.ts'

type Db = Context['db']
type Given<T extends { $inferInsert: object }> = Partial<T['$inferInsert']> & { permissions?: string[] }

const idsOf = async (db: Db, names: string[]): Promise<number[]> =>
  (await db.select({ id: permissions.id }).from(permissions).where(inArray(permissions.name, names))).map(
    ({ id }) => id,
  )

/** A role straight in the database, named by number unless told otherwise; returns its id. */
export async function addRole(db: Db, { permissions: names = [], ...given }: Given<typeof roles>): Promise<number> {
  const codename = `role_${crypto.randomUUID()}`
  const [role] = await db
    .insert(roles)
    .values({ name: codename, codename, ...given })
    .returning()
  const links = (await idsOf(db, names)).map((permission_id) => ({ role_id: role!.id, permission_id }))
  if (links.length) await db.insert(rolePermissions).values(links)
  return role!.id
}

/** A group with members straight in the database; returns its id. */
export async function addGroup(
  db: Db,
  { permissions: names = [], users = [], ...given }: Given<typeof groups> & { company_id: number; users?: number[] },
): Promise<number> {
  const codename = `group_${crypto.randomUUID()}`
  const [group] = await db
    .insert(groups)
    .values({ name: codename, codename, ...given })
    .returning()
  const group_id = group!.id
  const links = (await idsOf(db, names)).map((permission_id) => ({ group_id, permission_id }))
  if (links.length) await db.insert(groupPermissions).values(links)
  if (users.length) await db.insert(userGroups).values(users.map((user_id) => ({ user_id, group_id })))
  return group_id
}

/** Makes a user a member of a company by a role. */
export async function addMember(db: Db, user_id: number, company_id: number, role_id: number): Promise<void> {
  await db.insert(userCompanyRoles).values({ user_id, company_id, role_id })
}

/** What a system role may do, sorted: a feature that is added adds to it. */
export const permissionsOfRole = (codename: string): string[] =>
  (SYSTEM_ROLES.find((role) => role.codename === codename)?.permissions ?? []).toSorted()

import { inArray, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import fc from 'fast-check'
import {
  companies,
  groupPermissions,
  groups,
  permissions,
  rolePermissions,
  roles,
  userCompanyRoles,
  userGroups,
  users,
} from '../../app/models/index.ts'
import type { Context } from '../../app/services/context.ts'

type Db = Context['db']

/** What worlds ask for and list. Two are inactive: an action, and a `manage`. */
export const NAMES = [
  'product.read',
  'product.update',
  'product.delete',
  'product.manage',
  'user.read',
  'user.manage',
  'audit.read',
]
export const INACTIVE = ['product.delete', 'user.manage']

export interface RoleOrGroup {
  id: number
  is_active: boolean
  is_fixed: boolean
  permissions: string[]
}

/** One user in one company: a copy of the rows in the database. */
export interface RandomWorld {
  user: { id: number; is_active: boolean; is_superuser: boolean }
  company: { id: number; is_active: boolean }
  roles: RoleOrGroup[]
  groups: (RoleOrGroup & { has_user: boolean })[]
  memberships: { id: number; role_id: number; is_active: boolean }[]
  inactive: string[]
  asked: string
}

const mostly = fc.integer({ min: 0, max: 4 }).map((n) => n > 0)
const rarely = fc.integer({ min: 0, max: 9 }).map((n) => n === 0)
const listed = fc.subarray(NAMES, { maxLength: 3 })
const source = { is_active: mostly, permissions: listed }

const plan = fc.record({
  user: fc.record({ is_active: mostly, is_superuser: rarely }),
  company: fc.record({ is_active: mostly }),
  roles: fc.array(fc.record({ ...source, member: fc.option(mostly) }), { maxLength: 3 }),
  groups: fc.array(fc.record({ ...source, is_system_group: rarely, has_user: fc.boolean() }), { maxLength: 3 }),
  /** Memberships by roles of all companies: index → active. */
  shared: fc.array(fc.option(mostly, { freq: 1 }), { minLength: 2, maxLength: 2 }),
  asked: fc.constantFrom(...NAMES),
})

/** Random worlds, each a company of its own in the one database. */
export async function loadRandomWorlds(db: Db, count: number, seed: number): Promise<RandomWorld[]> {
  const plans = fc.sample(plan, { numRuns: count, seed })
  const permissionIds = await preparePermissions(db)
  const shared = await prepareShared(db, permissionIds)
  const numbered = plans.map((_, n) => n)

  const companyIds = await insert(
    db,
    companies,
    numbered.map((n) => ({ code: `W${n}`, name: `World ${n}`, ...plans[n]!.company })),
  )
  const userIds = await insert(
    db,
    users,
    numbered.map((n) => ({ username: `w${n}`, email: `w${n}@example.com`, password_hash: '', ...plans[n]!.user })),
  )
  const named = (kind: string, n: number, m: number) => ({
    name: `${kind} ${m}`,
    codename: `${kind}_${m}`,
    company_id: companyIds[n]!,
  })
  const roleRows = plans.flatMap((world, n) =>
    world.roles.map((role, m) => ({ ...named('role', n, m), is_active: role.is_active })),
  )
  const groupRows = plans.flatMap((world, n) =>
    world.groups.map(({ is_active, is_system_group }, m) => ({ ...named('group', n, m), is_active, is_system_group })),
  )
  const [roleIds, groupIds] = [await insert(db, roles, roleRows), await insert(db, groups, groupRows)]

  const worlds = plans.map((world, n): RandomWorld => {
    const ownRoles = world.roles.map((role) => ({ ...role, id: roleIds.shift()!, is_fixed: false }))
    const members = [
      ...ownRoles.map(({ id, member }) => [id, member] as const),
      ...shared.slice(0, 2).map(({ id }, m) => [id, world.shared[m]] as const),
    ]
    return {
      user: { id: userIds[n]!, ...world.user },
      company: { id: companyIds[n]!, ...world.company },
      roles: [...ownRoles, ...shared].map(({ id, is_active, is_fixed, permissions: list }) => ({
        id,
        is_active,
        is_fixed,
        permissions: list,
      })),
      groups: world.groups.map(({ is_system_group, ...group }) => ({
        ...group,
        id: groupIds.shift()!,
        is_fixed: is_system_group,
      })),
      memberships: members.flatMap(([role_id, is_active]) =>
        typeof is_active === 'boolean' ? [{ id: 0, role_id, is_active }] : [],
      ),
      inactive: INACTIVE,
      asked: world.asked,
    }
  })

  const links = (key: 'role_id' | 'group_id', sources: RoleOrGroup[]) =>
    sources.flatMap(({ id, permissions: list }) =>
      list.map((name) => ({ [key]: id, permission_id: permissionIds.get(name) })),
    )
  const sharedIds = new Set(shared.map(({ id }) => id))
  await insert(
    db,
    rolePermissions,
    links(
      'role_id',
      worlds.flatMap((world) => world.roles.filter(({ id }) => !sharedIds.has(id))),
    ),
  )
  await insert(
    db,
    groupPermissions,
    links(
      'group_id',
      worlds.flatMap((world) => world.groups),
    ),
  )
  const memberships = worlds.flatMap(({ user, company, memberships: own }) =>
    own.map((membership) => ({
      membership,
      row: { user_id: user.id, company_id: company.id, role_id: membership.role_id, is_active: membership.is_active },
    })),
  )
  const membershipIds = await insert(
    db,
    userCompanyRoles,
    memberships.map(({ row }) => row),
  )
  memberships.forEach(({ membership }, n) => (membership.id = membershipIds[n]!))
  const joined = worlds.flatMap(({ user, groups: own }) =>
    own.filter((group) => group.has_user).map((group) => ({ user_id: user.id, group_id: group.id })),
  )
  await insert(db, userGroups, joined)
  // What must not matter: everybody is in the first world's groups, too, and has its first role in a company of their own.
  const [first] = worlds
  const strays = worlds
    .slice(1)
    .flatMap(({ user }) => first!.groups.map((group) => ({ user_id: user.id, group_id: group.id })))
  await insert(db, userGroups, strays)
  return worlds
}

async function preparePermissions(db: Db): Promise<Map<string, number>> {
  await db.update(permissions).set({ is_active: false }).where(inArray(permissions.name, INACTIVE))
  return new Map((await db.select().from(permissions)).map(({ id, name }) => [name, id]))
}

/** The roles that every world sees: two of all companies, one of them off, and the system's, of which one is on. */
async function prepareShared(db: Db, permissionIds: Map<string, number>): Promise<RoleOrGroup[]> {
  await db
    .update(roles)
    .set({ is_active: false })
    .where(sql`is_system_role and codename <> 'member'`)
  const own = [
    { name: 'Shared', codename: 'shared', permissions: ['product.update'], is_active: true },
    { name: 'Shared, off', codename: 'shared_off', permissions: ['product.manage'], is_active: false },
  ]
  const ids = await insert(
    db,
    roles,
    own.map(({ permissions: _, ...row }) => row),
  )
  await insert(
    db,
    rolePermissions,
    own.flatMap((role, n) =>
      role.permissions.map((name) => ({ role_id: ids[n], permission_id: permissionIds.get(name) })),
    ),
  )
  const { rows } = await db.execute<{ id: number; is_active: boolean; permissions: string[] }>(sql`
    select r.id, r.is_active, (select jsonb_agg(p.name) from role_permissions l join permissions p on p.id = l.permission_id where l.role_id = r.id) as permissions
    from roles r where is_system_role order by id`)
  return [
    ...own.map((role, n) => ({
      id: ids[n]!,
      is_active: role.is_active,
      is_fixed: false,
      permissions: role.permissions,
    })),
    ...rows.map((role) => ({ ...role, is_fixed: true })),
  ]
}

/** Inserts any number of rows and returns their ids, in order; none where the table has no ids. */
async function insert(db: Db, table: PgTable, rows: object[]): Promise<number[]> {
  const ids: number[] = []
  for (let start = 0; start < rows.length; start += 1000) {
    const inserted = await db
      .insert(table)
      .values(rows.slice(start, start + 1000) as never[])
      .returning()
    ids.push(...(inserted as { id: number }[]).map(({ id }) => id))
  }
  return ids
}

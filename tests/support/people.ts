import { and, eq, getColumns, inArray, isNull } from 'drizzle-orm'
import { SYSTEM_ROLES } from '../../app/core/permissions.ts'
import {
  groupPermissions,
  groups,
  permissions,
  rolePermissions,
  roles,
  userCompanyRoles,
  userGroups,
  users,
} from '../../app/models/index.ts'
import { userProfiles } from '../../app/models/user.ts'
import type { Context } from '../../app/services/context.ts'
import type { TestCompany, TestUser } from './baseline.ts'
import type { Trusted } from './work-as.ts'

// People, and what they may do, straight in the database.

type Db = Context['db']
/** The transaction that is open, or the fixture `trusted` for one of its own. */
type Where = Db | Trusted
type Given<T extends { $inferInsert: object }> = Partial<T['$inferInsert']> & { permissions?: string[] }

const within = <R>(where: Where, work: (db: Db) => Promise<R>): Promise<R> =>
  typeof where === 'function' ? where(({ db }) => work(db)) : work(where)

/** The id of a system role. */
export const systemRole = (where: Where, codename: string): Promise<number> =>
  within(where, async (db) => {
    const [role] = await db
      .select({ id: roles.id })
      .from(roles)
      .where(and(isNull(roles.company_id), eq(roles.codename, codename)))
    return role!.id
  })

/** What a system role may do, sorted: a feature that is added adds to it. */
export const permissionsOfRole = (codename: string): string[] =>
  (SYSTEM_ROLES.find((role) => role.codename === codename)?.permissions ?? []).toSorted()

/** A role, everybody's unless it is given a company; named by number unless told otherwise. Returns its id. */
export const addRole = (where: Where, { permissions: names = [], ...given }: Given<typeof roles>): Promise<number> =>
  within(where, async (db) => {
    const codename = given.codename ?? `role_${crypto.randomUUID()}`
    const [role] = await db
      .insert(roles)
      .values({ name: codename, codename, ...given })
      .returning()
    const links = (await idsOf(db, names)).map((permission_id) => ({ role_id: role!.id, permission_id }))
    if (links.length) await db.insert(rolePermissions).values(links)
    return role!.id
  })

/** A group with members. Returns its id. */
export const addGroup = (
  where: Where,
  { permissions: names = [], users: members = [], ...given }: Given<typeof groups> & Members,
): Promise<number> =>
  within(where, async (db) => {
    const codename = `group_${crypto.randomUUID()}`
    const [group] = await db
      .insert(groups)
      .values({ name: codename, codename, ...given })
      .returning()
    const group_id = group!.id
    const links = (await idsOf(db, names)).map((permission_id) => ({ group_id, permission_id }))
    if (links.length) await db.insert(groupPermissions).values(links)
    if (members.length) await db.insert(userGroups).values(members.map((user_id) => ({ user_id, group_id })))
    return group_id
  })

interface Members {
  company_id: number
  /** Their ids. */
  users?: number[]
}

/** Makes somebody a member of a company, by a system role's codename or a role's id. */
export const addMember = (
  where: Where,
  user: Pick<TestUser, 'id'>,
  company: Pick<TestCompany, 'id'>,
  role: string | number,
  changes: Partial<typeof userCompanyRoles.$inferInsert> = {},
): Promise<void> =>
  within(where, async (db) => {
    const role_id = typeof role === 'number' ? role : await systemRole(db, role)
    await db.insert(userCompanyRoles).values({ user_id: user.id, company_id: company.id, role_id, ...changes })
  })

/** A new user without a password, a member of a company. */
export const addPerson = (
  where: Where,
  username: string,
  company: Pick<TestCompany, 'id'> | null,
  changes: Partial<typeof users.$inferInsert> = {},
): Promise<TestUser> =>
  within(where, async (db) => {
    const [row] = await db
      .insert(users)
      .values({ username, email: `${username}@example.com`, password_hash: '', ...changes })
      .returning(getColumns(userProfiles))
    if (company) await addMember(db, row!, company, 'member', { is_default: true })
    return { ...row!, role: company && 'member', company_id: company?.id ?? null }
  })

/** A user's row with every column, whatever became of it. */
export const storedUser = (where: Where, id: number) =>
  within(where, async (db) => {
    const [row] = await db.select().from(users).where(eq(users.id, id))
    return row!
  })

export const newUser = { email: 'nina@example.com', username: 'nina', password: 'a long enough password' }

const idsOf = async (db: Db, names: string[]): Promise<number[]> =>
  (await db.select({ id: permissions.id }).from(permissions).where(inArray(permissions.name, names))).map(
    ({ id }) => id,
  )

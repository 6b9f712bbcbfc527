import { and, eq, getColumns, inArray, isNull } from 'drizzle-orm'
import { permissions, rolePermissions, roles, userCompanyRoles, users } from '../../app/models/index.ts'
import { userProfiles } from '../../app/models/user.ts'
import type { Context } from '../../app/services/context.ts'
import type { TestCompany, TestUser } from './baseline.ts'

type Trusted = <R>(work: (ctx: Context) => Promise<R>) => Promise<R>

/** The id of a system role. */
export const systemRole = (trusted: Trusted, codename: string): Promise<number> =>
  trusted(async ({ db }) => {
    const [role] = await db
      .select({ id: roles.id })
      .from(roles)
      .where(and(isNull(roles.company_id), eq(roles.codename, codename)))
    return role!.id
  })

/** A role of a company's own with these permissions. */
export const customRole = (
  trusted: Trusted,
  company: Pick<TestCompany, 'id'>,
  codename: string,
  names: string[],
): Promise<number> =>
  trusted(async ({ db }) => {
    const [role] = await db.insert(roles).values({ name: codename, codename, company_id: company.id }).returning()
    const granted = await db.select().from(permissions).where(inArray(permissions.name, names))
    if (granted.length > 0)
      await db
        .insert(rolePermissions)
        .values(granted.map((permission) => ({ role_id: role!.id, permission_id: permission.id })))
    return role!.id
  })

/** Makes somebody a member of a company, by a system role's codename or a role's id. */
export async function join(
  trusted: Trusted,
  user: Pick<TestUser, 'id'>,
  company: Pick<TestCompany, 'id'>,
  role: string | number,
  changes: Partial<typeof userCompanyRoles.$inferInsert> = {},
): Promise<void> {
  const role_id = typeof role === 'number' ? role : await systemRole(trusted, role)
  await trusted(({ db }) =>
    db.insert(userCompanyRoles).values({ user_id: user.id, company_id: company.id, role_id, ...changes }),
  )
}

/** A new user without a password, a member of a company. */
export async function person(
  trusted: Trusted,
  username: string,
  company: Pick<TestCompany, 'id'> | null,
  changes: Partial<typeof users.$inferInsert> = {},
): Promise<TestUser> {
  const [row] = await trusted(({ db }) =>
    db
      .insert(users)
      .values({ username, email: `${username}@example.com`, password_hash: '', ...changes })
      .returning(getColumns(userProfiles)),
  )
  if (company) await join(trusted, row!, company, 'member', { is_default: true })
  return { ...row!, role: company && 'member', company_id: company?.id ?? null }
}

/** A user's row with every column, whatever became of it. */
export const storedUser = (trusted: Trusted, id: number) =>
  trusted(async ({ db }) => {
    const [row] = await db.select().from(users).where(eq(users.id, id))
    return row!
  })

export const newUser = { email: 'nina@example.com', username: 'nina', password: 'a long enough password' }

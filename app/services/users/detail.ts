import { and, eq, sql } from 'drizzle-orm'
import { ALL_PERMISSIONS } from '../../core/permissions.ts'
import { roles, userCompanyRoles as m } from '../../models/index.ts'
import { type Context, type CurrentUser, membershipOf } from '../context.ts'
import { loadMemberships } from '../membership.ts'

/** A user's roles in the context's company; for a superuser, who works across all, in every company. */
export function rolesOf({ db, everywhere, company_id }: Context, user_id: number) {
  const ofCompany = company_id === null ? sql`false` : eq(m.company_id, company_id)
  const seen = everywhere ? undefined : ofCompany
  return db
    .select({
      company_id: m.company_id,
      role_id: m.role_id,
      role_name: roles.name,
      role_codename: roles.codename,
      is_default: m.is_default,
      is_active: m.is_active,
    })
    .from(m)
    .innerJoin(roles, eq(roles.id, m.role_id))
    .where(and(eq(m.user_id, user_id), seen))
    .orderBy(m.company_id, m.role_id)
}

/** What a user may do in the context's company, by all their roles and groups. */
export async function permissionsOf(
  { db, company_id }: Context,
  { id, is_active, is_superuser }: CurrentUser,
): Promise<string[]> {
  if (!is_active) return []
  if (is_superuser) return [...ALL_PERMISSIONS]
  const memberships = await loadMemberships(db, id)
  return [...(membershipOf({ memberships, company_id })?.permissions ?? [])]
}

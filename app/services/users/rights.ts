import { type SQL, eq, inArray, sql } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import { allows } from '../../core/permissions.ts'
import type { Db } from '../../db/session.ts'
import { userCompanyRoles, users } from '../../models/index.ts'
import type { Context, CurrentUser } from '../context.ts'
import { loadMemberships } from '../membership.ts'

/** Whether the caller may do something in a company. */
export const holds = ({ is_superuser, memberships }: Context, permission: string, company_id: number): boolean =>
  is_superuser || allows(memberships.get(company_id)?.permissions ?? new Set(), permission)

/** @throws AppError `permission_denied` */
export function demandMayTouch({ is_superuser }: Context, target: Pick<CurrentUser, 'is_superuser'>): void {
  if (target.is_superuser && !is_superuser)
    throw new AppError('permission_denied', 'Only a superuser may change a superuser')
}

/** What only superusers set. @throws AppError `permission_denied` */
export function demandMayFlag(
  { is_superuser }: Context,
  changes: { is_superuser?: boolean; is_verified?: boolean },
): void {
  if (is_superuser) return
  if (changes.is_superuser !== undefined)
    throw new AppError('permission_denied', 'Only a superuser may say who is a superuser')
  if (changes.is_verified !== undefined)
    throw new AppError('permission_denied', 'Only a superuser may say that an e-mail address is verified')
}

/**
 * The rule of identities: what somebody is everywhere changes only by who may change it in every company of theirs. Lock
 * the user before: who is locked joins no company meanwhile.
 * @throws AppError `permission_denied`, which tells of no company
 */
export async function demandInEveryCompany(
  db: Db,
  ctx: Context,
  user_id: number,
  permission: 'user.update' | 'user.delete',
): Promise<void> {
  const companies = await companiesOf(db, user_id)
  if (!companies.every((company_id) => holds(ctx, permission, company_id)))
    throw new AppError('permission_denied', `This needs ${permission} wherever the account is used`)
}

/**
 * Whoever changes an account's e-mail address can have its password reset, and then do all it can.
 * @throws AppError `permission_denied`
 */
export async function demandNotStronger(db: Db, ctx: Context, user_id: number): Promise<void> {
  for (const { id, permissions } of (await loadMemberships(db, user_id)).values())
    for (const permission of permissions)
      if (!holds(ctx, permission, id))
        throw new AppError('permission_denied', 'You cannot change the e-mail of somebody who may do more than you')
}

/** The companies in which a user has any membership. */
export async function companiesOf(db: Db, user_id: number): Promise<number[]> {
  const rows = await db
    .selectDistinct({ company_id: userCompanyRoles.company_id })
    .from(userCompanyRoles)
    .where(eq(userCompanyRoles.user_id, user_id))
  return rows.map(({ company_id }) => company_id)
}

/** Whom the caller can see: the members of this company and of those in which they may read users; a superuser everybody. */
export function visibleTo(ctx: Context): SQL {
  const { is_superuser, memberships, company_id } = ctx
  if (is_superuser) return sql`true`
  const others = [...memberships.keys()].filter((id) => holds(ctx, 'user.read', id))
  const companies = company_id === null ? others : [...others, company_id]
  if (companies.length === 0) return sql`false`
  return sql`${users.id} in (select user_id from user_company_roles where ${inArray(userCompanyRoles.company_id, companies)})`
}

/**
 * Locks a user until the transaction ends.
 * @throws AppError `conflict` when what the rules go by changed since the row was read
 */
export async function lockUser(db: Db, seen: CurrentUser): Promise<void> {
  const [now] = await db
    .select({ is_superuser: users.is_superuser, is_deleted: users.is_deleted })
    .from(users)
    .where(eq(users.id, seen.id))
    .for('update')
  if (now?.is_superuser !== seen.is_superuser || now.is_deleted !== seen.is_deleted) throw new AppError('conflict')
}

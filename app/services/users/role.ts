import { and, eq, isNull, or } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import { roles } from '../../models/index.ts'
import type { Context } from '../context.ts'
import { demandGrantable } from '../grants.ts'
import { permissionNames } from '../permission-names.ts'

export interface GrantableRole {
  id: number
  name: string
  codename: string
}

/**
 * A role to give in a company, the context's own: one of that company or of all. Another company's role gets the answer of
 * one that never was. Without an id it is the system role `member`.
 * @throws AppError `invalid_reference`, `permission_denied` when it is stronger than the caller
 */
export async function grantableRole(ctx: Context, company_id: number, role_id?: number): Promise<GrantableRole> {
  const { db } = ctx
  const named =
    role_id === undefined ? and(isNull(roles.company_id), eq(roles.codename, 'member')) : eq(roles.id, role_id)
  const [role] = await db
    .select({ id: roles.id, name: roles.name, codename: roles.codename })
    .from(roles)
    .where(and(named, or(isNull(roles.company_id), eq(roles.company_id, company_id))))
  if (!role) throw new AppError('invalid_reference', 'role_id refers to something that does not exist')
  const names = await permissionNames(db, 'role', [role.id])
  demandGrantable(ctx, names.get(role.id) ?? [])
  return role
}

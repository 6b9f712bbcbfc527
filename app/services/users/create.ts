import { getColumns } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import { hashPassword } from '../../core/passwords.ts'
import { users } from '../../models/index.ts'
import { userProfiles } from '../../models/user.ts'
import { demandGoodPassword } from '../auth/new-password.ts'
import type { Context, CurrentUser } from '../context.ts'
import { recordUserChange } from './activity.ts'
import { type Identity, type Profile, differing } from './change.ts'
import { assignRole } from './memberships.ts'
import { demandNamesFree, takeNames } from './names.ts'
import { demandMayFlag, visibleTo } from './rights.ts'
import { grantableRole } from './role.ts'

export interface NewUser extends Partial<Profile & Identity> {
  email: string
  username: string
  password: string
  role_id?: number | undefined
  /** The context's company; null for a user of none. */
  company_id?: number | null | undefined
}

/**
 * Makes a user, a member of the context's company. A name that a stranger has is given too, and nobody is told.
 * @throws AppError `validation_error` for a weak password, `duplicate`, `invalid_reference`, `permission_denied`
 */
export async function createUser(
  ctx: Context,
  { password, role_id, company_id, ...values }: NewUser,
): Promise<CurrentUser> {
  demandMayFlag(ctx, differing({ is_superuser: false, is_verified: false }, values))
  if (company_id === null && !ctx.is_superuser)
    throw new AppError('permission_denied', 'Only a superuser may create a user without a company')
  const member_of = company_id === null ? null : ctx.company_id
  if (member_of === null && role_id !== undefined) throw fault('role_id', 'a role needs a company', 'no_company')
  demandGoodPassword('password', password, values)
  const password_hash = await hashPassword(password) // before the transaction, which opens at its first statement
  const role = member_of === null ? undefined : await grantableRole(ctx, member_of, role_id)
  return ctx.trusted(async (db) => {
    const scope = { visible: visibleTo(ctx), companies: [member_of] }
    await demandNamesFree(db, values, scope)
    const [created] = await takeNames(db, values, (savepoint, owned) =>
      savepoint
        .insert(users)
        .values({ ...values, ...owned, password_hash, current_company_id: member_of })
        .returning(getColumns(userProfiles)),
    )
    if (!created) throw new Error('The database returned no user')
    if (member_of !== null && role)
      await assignRole(db, { user_id: created.id, company_id: member_of, role_id: role.id, is_default: true })
    await recordUserChange(ctx, db, 'create', created, { changes: values })
    return created
  })
}

const fault = (field: string, msg: string, type: string) =>
  new AppError('validation_error', [{ loc: ['body', field], msg, type }])

import { type SQL, and, eq, sql } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import { runStatement } from '../../db/statement.ts'
import { userProfiles } from '../../models/user.ts'
import { BaseCRUDService, COMPANY } from '../base.ts'
import type { Context, CurrentUser } from '../context.ts'

/** Users as a company sees them: whoever has a membership in it, active or not. For reading; what changes is trusted work. */
export class UserRecords extends BaseCRUDService<typeof userProfiles> {
  protected override readonly search = ['username', 'email', 'full_name']

  constructor(ctx: Context) {
    super(userProfiles, ctx)
  }

  protected override inCompany(): SQL | undefined {
    return sql`${userProfiles.id} in (select user_id from user_company_roles where company_id = ${COMPANY})`
  }

  /** One who was deleted. @throws AppError `not_found` */
  async getDeleted(id: number): Promise<CurrentUser> {
    const { db, everywhere, company_id } = this.ctx
    const scope = everywhere ? undefined : this.inCompany()
    const { rows } = await runStatement<CurrentUser>(
      db,
      `deleted user${everywhere ? ' everywhere' : ''}`,
      () =>
        db
          .select()
          .from(userProfiles)
          .where(and(scope, eq(userProfiles.id, sql.placeholder('$id')), userProfiles.is_deleted)),
      { $id: id, $company_id: company_id },
    )
    const [row] = rows
    if (!row) throw new AppError('not_found', 'User not found')
    return row
  }
}

/**
 * A user as a request may show them: in which company they are just now, and when they last logged in, would tell of other
 * companies. So the first is that of the request, wherever they are: that it is another one would tell, too. When they logged in
 * into this one, its activity log says.
 */
export function shown<User extends CurrentUser>(ctx: Context, user: User): User {
  const { everywhere, company_id, session_id, user: caller } = ctx
  const { id, current_company_id, last_login_at } = user
  const seesAll = everywhere || caller?.is_superuser === true
  return {
    ...user,
    current_company_id: seesAll ? current_company_id : company_id,
    last_login_at: seesAll || (id === caller?.id && session_id !== null) ? last_login_at : null,
  }
}

import type { Db } from '../../db/session.ts'
import { hasTwoFactor } from '../auth/two-factor-codes.ts'
import type { CurrentUser } from '../context.ts'

/** A user as they see themselves in a company: whether their second factor is on is for nobody else. */
export const ownUser = async (db: Db, user: CurrentUser, current_company_id: number | null) => ({
  ...user,
  current_company_id,
  two_factor_enabled: await hasTwoFactor(db, user.id),
})

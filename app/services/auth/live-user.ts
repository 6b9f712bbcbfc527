import { and, eq, exists, not, or, sql } from 'drizzle-orm'
import { QueryBuilder } from 'drizzle-orm/pg-core'
import { userCompanyRoles, users } from '../../models/index.ts'

/** Of a row of `users`: neither switched off nor deleted. Nobody else logs in, or is sent or granted anything. */
export const isLiveUser = and(users.is_active, not(users.is_deleted))

const membership = new QueryBuilder()
  .select({ one: sql`1` })
  .from(userCompanyRoles)
  .where(eq(userCompanyRoles.user_id, users.id))

/**
 * Of a row of `users`: a member of some company, or a superuser. Others are meant by a name only where they own it: a company
 * can make accounts of one name and let go of them, any number of times, and they must not push aside those of another.
 */
export const isInUse = or(users.is_superuser, exists(membership))

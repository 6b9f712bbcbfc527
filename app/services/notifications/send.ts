import { and, eq, inArray, isNull, not, or, sql } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import type { MessageLevel } from '../../models/message.ts'
import { roles, userCompanyRoles } from '../../models/index.ts'
import { userProfiles } from '../../models/user.ts'
import { type Context, demandCompany } from '../context.ts'
import { notify } from './notify.ts'

/** What somebody tells others. */
export interface Sending {
  user_ids: number[]
  title: string
  description?: string | null
  level?: MessageLevel
  link?: string | null
  data?: Record<string, unknown>
}

/**
 * Notifies active members of the context's company: all of them or none. One who is no member, is deleted, or is not there:
 * one answer.
 * @throws AppError `invalid_reference`, `no_company`
 */
export async function send(ctx: Context, { user_ids, ...notice }: Sending): Promise<{ sent_count: number }> {
  const ids = [...new Set(user_ids)]
  if ((await countMembers(ctx, ids)) !== ids.length)
    throw new AppError('invalid_reference', 'user_ids refers to somebody who is no member of this company')
  const sender_id = ctx.user?.id ?? null
  await notify(
    ctx,
    ids.map((user_id) => ({ ...notice, user_id, item: { sender_id, priority: PRIORITY[notice.level ?? 'info'] } })),
  )
  return { sent_count: ids.length }
}

async function countMembers(ctx: Context, ids: number[]): Promise<number> {
  const [counted] = await ctx.db
    .select({ n: sql<number>`count(distinct ${userCompanyRoles.user_id})::integer` })
    .from(userCompanyRoles)
    .innerJoin(userProfiles, eq(userProfiles.id, userCompanyRoles.user_id))
    .innerJoin(roles, and(eq(roles.id, userCompanyRoles.role_id), roles.is_active))
    .where(
      and(
        eq(userCompanyRoles.company_id, demandCompany(ctx)),
        userCompanyRoles.is_active,
        or(isNull(roles.company_id), eq(roles.company_id, userCompanyRoles.company_id)),
        inArray(userCompanyRoles.user_id, ids),
        userProfiles.is_active,
        not(userProfiles.is_deleted),
      ),
    )
  return counted?.n ?? 0
}

const PRIORITY = { debug: 'low', info: 'normal', success: 'normal', warning: 'high', error: 'urgent' } as const

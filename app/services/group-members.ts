import { type SQL, sql } from 'drizzle-orm'
import { idSet } from '../db/bulk.ts'
import type { Db } from '../db/session.ts'

/** A group's member as the group shows them. */
export type Member = { id: number; username: string; full_name: string | null }

// A link may outlast its user's membership of the company, which then is not there.
const belongs = (more: SQL = sql``) =>
  sql`exists (select from user_company_roles m where m.user_id = u.id and m.company_id = g.company_id ${more})`

const MEMBERS = sql`
  from user_groups l
  join groups g on g.id = l.group_id
  join users u on u.id = l.user_id and not u.is_deleted
  where ${belongs()}`

/** How many are in each group that has members. */
export async function memberCounts(db: Db, group_ids: number[]): Promise<ReadonlyMap<number, number>> {
  const { rows } = await db.execute<{ id: number; count: number }>(
    sql`select g.id, count(*) as count ${MEMBERS} and g.id in ${idSet(group_ids)} group by g.id`,
  )
  return new Map(rows.map(({ id, count }) => [id, count]))
}

export async function membersOf(db: Db, group_id: number): Promise<Member[]> {
  const { rows } = await db.execute<Member>(
    sql`select u.id, u.username, u.full_name ${MEMBERS} and g.id = ${group_id} order by u.id`,
  )
  return rows
}

/**
 * Keeps these members of a company in it until the transaction ends: ending a membership locks its user, too. Nobody else is
 * locked: whoever names a stranger would keep another company waiting, or wait for it.
 */
export async function holdMembers(db: Db, company_id: number, user_ids: number[]): Promise<void> {
  await db.execute(sql`
    select from users u where u.id in ${idSet(user_ids)}
      and exists (select from user_company_roles m where m.user_id = u.id and m.company_id = ${company_id})
    order by u.id for key share of u`)
}

/** Of the people who may be meant: whether they are superusers, and members with an active role in the company. */
export async function candidates(db: Db, company_id: number, user_ids: number[]) {
  const { rows } = await db.execute<{ id: number; is_superuser: boolean; is_member: boolean }>(sql`
    select u.id, u.is_superuser, not u.is_deleted and ${belongs(sql`and m.is_active`)} as is_member
    from users u, (select ${company_id}::bigint as company_id) g
    where u.id in ${idSet(user_ids)}`)
  return new Map(rows.map((row) => [row.id, row]))
}

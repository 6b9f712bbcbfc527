import { and, eq } from 'drizzle-orm'
import type { Db } from '../db/session.ts'
import { companies } from '../models/index.ts'

/** A company in which a user has at least one active role, and what they may do there. */
export interface Membership {
  id: number
  code: string
  name: string
  is_default: boolean
  permissions: ReadonlySet<string>
  /** codenames */
  roles: readonly string[]
}

/**
 * A user's companies and permissions in one statement, however many roles and groups there are. Anything inactive on the
 * way (membership, company, role, group, permission) grants nothing; a group counts only in a company one is a member of.
 */
export async function loadMemberships(db: Db, user_id: number): Promise<ReadonlyMap<number, Membership>> {
  const { rows } = await db.unit.query<MembershipRow>({ text: MEMBERSHIPS, name: 'memberships' }, [user_id])
  const memberships = rows.map(({ permissions, ...row }) => ({
    ...row,
    permissions: new Set(permissions),
  }))
  return new Map(memberships.map((membership) => [membership.id, membership]))
}

/** Whether a company exists and is active: superusers may enter companies they are no member of. */
export async function isActiveCompany(db: Db, company_id: number): Promise<boolean> {
  const found = await db
    .select({ id: companies.id })
    .from(companies)
    .where(and(eq(companies.id, company_id), companies.is_active))
  return found.length > 0
}

type MembershipRow = Omit<Membership, 'permissions'> & { permissions: string[] }

const MEMBERSHIPS = `
with role_of as (
  select m.company_id, m.is_default, r.id as role_id, r.codename
  from user_company_roles m
  join roles r on r.id = m.role_id and r.is_active and (r.company_id is null or r.company_id = m.company_id)
  where m.user_id = $1 and m.is_active
), granted as (
  select role_of.company_id, rp.permission_id from role_of join role_permissions rp on rp.role_id = role_of.role_id
  union
  select g.company_id, gp.permission_id
  from user_groups ug
  join groups g on g.id = ug.group_id and g.is_active
  join group_permissions gp on gp.group_id = g.id
  where ug.user_id = $1
)
select c.id, c.code, c.name,
  (select bool_or(is_default) from role_of where company_id = c.id) as is_default,
  (select jsonb_agg(codename order by codename) from role_of where company_id = c.id) as roles,
  (select coalesce(jsonb_agg(p.name order by p.name), '[]') from granted
   join permissions p on p.id = granted.permission_id and p.is_active where granted.company_id = c.id) as permissions
from companies c
where c.is_active and c.id in (select company_id from role_of)
order by c.id`

import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '../../db/session.ts'
import type { World } from './world.ts'

type SubjectRow = Pick<World, 'user' | 'company'>
type PermissionRow = { id: number; name: string; is_active: boolean }
type MembershipRow = { id: number; role_id: number; is_active: boolean }
type SourceRow = { id: number; name: string; is_active: boolean; is_fixed: boolean; permissions: string[] }
type GroupRow = SourceRow & { has_user: boolean }

/**
 * What decides about a user in a company, in five statements. Undefined when the company does not see the user.
 * @param options `everywhere`: a superuser asks, who sees everybody
 */
export async function loadWorld(
  db: Db,
  { user_id, company_id }: { user_id: number; company_id: number },
  { everywhere }: { everywhere: boolean },
): Promise<World | undefined> {
  const seen = everywhere
    ? sql``
    : sql`and exists (select from user_company_roles m where m.user_id = u.id and m.company_id = c.id)`
  const [subjects, permissions, memberships, roles, groups] = await Promise.all([
    db.execute<SubjectRow>(sql`
      select jsonb_build_object('id', u.id, 'username', u.username, 'is_active', u.is_active, 'is_superuser', u.is_superuser) as user,
        jsonb_build_object('id', c.id, 'name', c.name, 'is_active', c.is_active) as company
      from users u, companies c where u.id = ${user_id} and not u.is_deleted and c.id = ${company_id} ${seen}`),
    db.execute<PermissionRow>(sql`select id, name, is_active from permissions order by name`),
    db.execute<MembershipRow>(sql`
      select id, role_id, is_active from user_company_roles
      where user_id = ${user_id} and company_id = ${company_id} order by id`),
    db.execute<SourceRow>(sql`
      select s.id, s.name, s.is_active, s.is_system_role as is_fixed, ${listedBy('role')}
      from roles s where s.company_id is null or s.company_id = ${company_id}`),
    db.execute<GroupRow>(sql`
      select s.id, s.name, s.is_active, s.is_system_group as is_fixed, ${listedBy('group')},
        exists (select from user_groups l where l.group_id = s.id and l.user_id = ${user_id}) as has_user
      from groups s where s.company_id = ${company_id}`),
  ])
  const [subject] = subjects.rows
  return (
    subject && {
      ...subject,
      permissions: new Map(permissions.rows.map(({ name, ...permission }) => [name, permission])),
      memberships: memberships.rows,
      roles: roles.rows.map((role) => ({ ...role, permissions: new Set(role.permissions) })),
      groups: groups.rows.map((group) => ({ ...group, permissions: new Set(group.permissions) })),
    }
  )
}

const listedBy = (owner: 'role' | 'group'): SQL => sql`
  (select coalesce(jsonb_agg(p.name), '[]') from ${sql.identifier(`${owner}_permissions`)} l
   join permissions p on p.id = l.permission_id where l.${sql.identifier(`${owner}_id`)} = s.id) as permissions`

import { PERMISSIONS, SYSTEM_ROLES } from '../../../core/permissions.ts'
import { sqlLiteral } from '../../../models/sql-text.ts'

// SQL of what an export takes. `$1` is the id of the one company that is exported, or null; `t` is the table asked about.
// For one company row-level security is on as well: each of the two holds alone.

const list = (texts: string[]) => `(${texts.map(sqlLiteral).join(', ')})`
const IN_CATALOGUE = `t.name in ${list(PERMISSIONS.map(({ name }) => name))}`
/** Follows the code, wherever the file is loaded. */
const SYSTEM_ROLE = `t.is_system_role and t.company_id is null and t.codename in ${list(SYSTEM_ROLES.map(({ codename }) => codename))}`
const USED_BY_MEMBERS = 't.id in (select role_id from user_company_roles where company_id = $1)'

export const MEMBERS = '(select user_id from user_company_roles where company_id = $1)'
export const OF_COMPANY = '($1::bigint is null or t.company_id = $1)'
/** The company's roles, and everybody's that its members have. */
export const CUSTOM_ROLES = `not t.is_system_role
  and ($1::bigint is null or t.company_id = $1 or (t.company_id is null and ${USED_BY_MEMBERS}))`
/** What a membership can name. */
export const NAMED_ROLES = `(${SYSTEM_ROLE} or ${CUSTOM_ROLES})`
export const RETIRED_ROLES = `t.is_system_role and not (${SYSTEM_ROLE}) and ($1::bigint is null or ${USED_BY_MEMBERS})`
/** Those beside the catalogue that the file's roles and groups have. */
export const CUSTOM_PERMISSIONS = `not ${IN_CATALOGUE} and ($1::bigint is null
  or t.id in (select permission_id from role_permissions where role_id in (select t.id from roles t where ${CUSTOM_ROLES}))
  or t.id in (select permission_id from group_permissions where group_id in (select id from groups where company_id = $1)))`

/**
 * Users in the file. In all companies an e-mail address or username means the account that owns it; who that is, no single
 * company may learn: of its members who share one, the first has it.
 */
export const peopleOf = (company: number | null): string =>
  company === null
    ? `people as not materialized (
        select id, email from users where $1::bigint is null and not is_deleted and owns_email and owns_username)`
    : `people as (
        select id, email from (
          select id, email, row_number() over (partition by lower(email) order by created_at, id) as of_email,
            row_number() over (partition by lower(username) order by created_at, id) as of_username
          from users where not is_deleted and id in ${MEMBERS}
        ) as members where of_email = 1 and of_username = 1)`

/**
 * Joins `k.key`, what the record of `t` is called in the file: null where it is not in it. Looked up row by row: joined, PostgreSQL
 * might put all of history into a hash table, on the disk, for it cannot know how few records there are.
 */
export const recordKey = (kind: string, id: string): string => `cross join lateral (
  select case x.kind
    when 'companies' then (select code from companies t where t.id = x.id and ($1::bigint is null or t.id = $1))
    when 'permissions' then (select name from permissions t where t.id = x.id and (${IN_CATALOGUE} or ${CUSTOM_PERMISSIONS}))
    when 'roles' then (select name from roles t where t.id = x.id and ${NAMED_ROLES} and (t.company_id = x.company_id
      or t.company_id is null and not exists (select from roles o where o.company_id = x.company_id and o.name = t.name)))
    when 'users' then (select email from users t where t.id = x.id and t.id in (select id from people))
    when 'groups' then (select name from groups t where t.id = x.id and t.company_id = x.company_id)
    when 'products' then (select sku from products t where t.id = x.id and t.company_id = x.company_id and not t.is_deleted)
  end as key
  from (select t.${kind} as kind, t.${id} as id, t.company_id) as x offset 0
) as k`

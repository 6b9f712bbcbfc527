import { PERMISSIONS, SYSTEM_ROLES } from '../../core/permissions.ts'
import { literal } from './item-json.ts'

// SQL of what an export takes. `$1` is the id of the one company that is exported, or null; `t` is the table asked about.
// For one company row-level security is on as well: each of the two holds alone.

const list = (texts: string[]) => `(${texts.map(literal).join(', ')})`
const IN_CATALOGUE = `t.name in ${list(PERMISSIONS.map(({ name }) => name))}`
/** Follows the code, wherever the file is loaded. */
const SYSTEM_ROLE = `t.is_system_role and t.company_id is null and t.codename in ${list(SYSTEM_ROLES.map(({ codename }) => codename))}`
const USED_BY_MEMBERS = 't.id in (select role_id from user_company_roles where company_id = $1)'

export const MEMBERS = '(select user_id from user_company_roles where company_id = $1)'
export const OF_COMPANY = '($1::bigint is null or t.company_id = $1)'
/** The company's roles, and everybody's that its members have. */
export const CUSTOM_ROLES = `not t.is_system_role
  and ($1::bigint is null or t.company_id = $1 or (t.company_id is null and ${USED_BY_MEMBERS}))`
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
    ? `people as (select id, email from users where not is_deleted and owns_email and owns_username)`
    : `people as (
        select id, email from (
          select id, email, row_number() over (partition by lower(email) order by created_at, id) as of_email,
            row_number() over (partition by lower(username) order by created_at, id) as of_username
          from users where not is_deleted and id in ${MEMBERS}
        ) as members where of_email = 1 and of_username = 1)`

/** What history can refer to: records in the file, and what every installation has, by natural key. */
export const RECORDS = `records as (
  select 'companies' as kind, id, null::bigint as company_id, code as key from companies where $1::bigint is null or id = $1
  union all select 'permissions', id, null, name from permissions t where ${IN_CATALOGUE} or (${CUSTOM_PERMISSIONS})
  union all select 'roles', id, company_id, name from roles t where ${NAMED_ROLES}
  union all select 'users', id, null, email from people
  union all select 'groups', id, company_id, name from groups t where ${OF_COMPANY}
  union all select 'products', id, company_id, sku from products t where not is_deleted and ${OF_COMPANY})`

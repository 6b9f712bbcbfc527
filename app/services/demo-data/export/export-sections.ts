import type { PgTable } from 'drizzle-orm/pg-core'
import * as models from '../../../models/index.ts'
import { DATA_TRANSFERS } from '../../activity/data-transfers.ts'
import { HISTORY_SECTIONS, type HistoryName, SECTIONS, type SectionName } from '../../../schemas/demo-data.ts'
import {
  CUSTOM_PERMISSIONS,
  CUSTOM_ROLES,
  MEMBERS,
  NAMED_ROLES,
  OF_COMPANY,
  RETIRED_ROLES,
  recordKey,
} from './export-scope.ts'
import { type OtherFields, itemJson } from './item-json.ts'

// The SQL of a section is in pieces that meet in one statement (export-reader.ts), and know each other by these names:
//   t       the section's own table: every column of an item is one of `t`, unless `fields` says otherwise
//   c       the row's company: `company_code` reads it        u       the row's user, of `people`: `user_email` reads it
//   k       what the row is about: `recordKey` joins it       granted the names that `permissionsOf` joins
//   people  the users in the file: `peopleOf` begins the statement with them
//   $1      the id of the one company, or null for all        $2      the ids of `people`, for `users` alone
// A `from` joins what `fields` read and the conditions of `losses` ask. `rows` is counted by another statement, which has `t`
// and `$1` only.

const SCHEMAS = { ...SECTIONS, ...HISTORY_SECTIONS }

/** SQL by which a section leaves the database, on the terms of `export-scope.ts`. */
export interface ExportSection {
  name: SectionName | HistoryName
  schema: (typeof SCHEMAS)[SectionName | HistoryName]
  /** An item's JSON text. */
  item: string
  /** Where the items come from, in the order of the file. */
  from: string
  /** The rows that somebody would look for in the file, and why some are not in it. */
  rows: string
  leftOut: string
  /** What an item can lack that its row has: when, and what. */
  losses: Record<string, string>
}

interface Definition extends Pick<ExportSection, 'from' | 'rows'>, Partial<Pick<ExportSection, 'leftOut' | 'losses'>> {
  table: PgTable
  /** Fields that are no columns of their name. */
  fields?: OtherFields
}

function section(name: ExportSection['name'], { table, fields = {}, ...sql }: Definition): ExportSection {
  const schema = SCHEMAS[name]
  return { leftOut: '', losses: {}, ...sql, name, schema, item: itemJson(table, schema, fields) }
}

const text = (value: string) => `to_json(${value})::text`
const company_code = text('c.code')
const user_email = text('u.email')
// As `codenameOf` makes it of a name in ASCII.
const codename = `case when t.name !~ '^[ -~]*$'
  or t.codename <> coalesce(nullif(btrim(regexp_replace(lower(t.name), '[^a-z0-9]+', '_', 'g'), '_'), ''), t.name)
  then ${text('t.codename')} end`
const permissionsOf = (owner: 'role' | 'group') => `left join (
    select ${owner}_id, jsonb_agg(p.name order by p.name collate "C") as names
    from ${owner}_permissions join permissions p on p.id = permission_id group by 1
  ) as granted on granted.${owner}_id = t.id`
/** What is told of files themselves stays: else each export would differ from the one before it. */
const NO_TRANSFER = `t.action not in (${DATA_TRANSFERS.map((action) => `'${action}'`).join(', ')})`
const IN_TIME = 'order by t.created_at, t.uid, t.id'
const AUTHOR = { 'their author, who is not in the file': 't.user_id is not null and u.id is null' }

/** In the order of the file. */
export const EXPORT_SECTIONS: ExportSection[] = [
  section('companies', {
    table: models.companies,
    fields: { parent_company_code: text('parent.code') },
    from: `companies t left join companies parent on parent.id = t.parent_company_id and $1::bigint is null
      where $1::bigint is null or t.id = $1 order by t.code collate "C"`,
    rows: 'companies t where $1::bigint is null or t.id = $1',
    losses: {
      'their parent company, which is not in the file': 't.parent_company_id is not null and parent.id is null',
    },
  }),
  section('permissions', {
    table: models.permissions,
    fields: { resource: null, action: null },
    from: `permissions t where ${CUSTOM_PERMISSIONS} order by t.name collate "C"`,
    rows: `permissions t where ${CUSTOM_PERMISSIONS}`,
  }),
  section('roles', {
    table: models.roles,
    fields: { codename, company_code, is_system_role: null, permissions: 'granted.names::text' },
    from: `roles t left join companies c on c.id = t.company_id ${permissionsOf('role')}
      where ${CUSTOM_ROLES} order by c.code collate "C" nulls first, t.name collate "C"`,
    rows: `roles t where (${CUSTOM_ROLES}) or (${RETIRED_ROLES})`,
    leftOut: 'system roles that the code has no more',
  }),
  section('users', {
    table: models.users,
    fields: {
      password: null,
      password_hash: `case t.password_hash when '' then 'null' else ${text('t.password_hash')} end`,
      is_superuser: `case when t.is_superuser and $1::bigint is null then 'true' end`,
      current_company_code: company_code,
    },
    // Found before, under row-level security, which lets nobody read a hash.
    from: `users t left join companies c on c.id = t.current_company_id and ($1::bigint is null or c.id = $1)
      where t.id in (select jsonb_array_elements_text($2::jsonb)::bigint) order by t.email collate "C"`,
    rows: `users t where $1::bigint is null or t.id in ${MEMBERS}`,
    leftOut: 'deleted, or with the e-mail address or username of another account',
    losses: { 'is_superuser, which the file of one company cannot give': 't.is_superuser and $1::bigint is not null' },
  }),
  section('groups', {
    table: models.groups,
    fields: { codename, company_code, users: 'joined.emails::text', permissions: 'granted.names::text' },
    from: `groups t join companies c on c.id = t.company_id ${permissionsOf('group')}
      left join (
        select group_id, jsonb_agg(u.email order by u.email collate "C") as emails
        from user_groups join people u on u.id = user_id group by 1
      ) as joined on joined.group_id = t.id
      where ${OF_COMPANY} order by c.code collate "C", t.name collate "C"`,
    rows: `groups t where ${OF_COMPANY}`,
    losses: {
      'members who are not in the file': `exists (select from user_groups l where l.group_id = t.id and l.user_id not in (select id from people))`,
      'is_system_group, which no file has': 't.is_system_group',
    },
  }),
  section('user_company_roles', {
    table: models.userCompanyRoles,
    fields: {
      user_email,
      company_code,
      role_name: text('r.name'),
      role_company_code: `case when r.company_id is null
        and exists (select from roles o where o.company_id = t.company_id and o.name = r.name) then 'null' end`,
    },
    from: `user_company_roles t join people u on u.id = t.user_id join companies c on c.id = t.company_id
      join (select * from roles t where ${NAMED_ROLES}) r
        on r.id = t.role_id and (r.company_id is null or r.company_id = t.company_id)
      where ${OF_COMPANY}
      order by u.email collate "C", c.code collate "C", r.name collate "C", r.company_id nulls last`,
    rows: `user_company_roles t where ${OF_COMPANY}`,
    leftOut: 'of users who are not in the file, or by a role that is not',
  }),
  section('products', {
    table: models.products,
    fields: { company_code },
    from: `products t join companies c on c.id = t.company_id
      where not t.is_deleted and ${OF_COMPANY} order by c.code collate "C", t.sku collate "C"`,
    rows: `products t where ${OF_COMPANY}`,
    leftOut: 'deleted',
  }),
  section('notifications', {
    table: models.notifications,
    fields: { user_email, company_code, record_key: text('k.key') },
    from: `notifications t join people u on u.id = t.user_id join companies c on c.id = t.company_id
      ${recordKey('model_name', 'record_id')}
      where (t.model_name is null or k.key is not null) and ${OF_COMPANY} ${IN_TIME}`,
    rows: `notifications t where ${OF_COMPANY}`,
    leftOut: 'to users, or about records, that are not in the file',
  }),
  section('activity_logs', {
    table: models.activityLogs,
    fields: { company_code, user_email, entity_key: text('k.key') },
    from: `activity_logs t left join companies c on c.id = t.company_id left join people u on u.id = t.user_id
      ${recordKey('entity_type', 'entity_id')} where ${OF_COMPANY} and ${NO_TRANSFER} ${IN_TIME}`,
    rows: `activity_logs t where ${OF_COMPANY} and ${NO_TRANSFER}`,
    losses: {
      ...AUTHOR,
      'what they are about, which is not in the file': 't.entity_id is not null and k.key is null',
    },
  }),
  section('messages', {
    table: models.messages,
    fields: { company_code, record_key: text('k.key'), user_email, parent_uid: text('parent.uid') },
    from: `messages t join companies c on c.id = t.company_id left join people u on u.id = t.user_id
      ${recordKey('model_name', 'record_id')}
      left join messages parent on parent.id = t.parent_id and parent.company_id = t.company_id
        and parent.model_name = t.model_name and parent.record_id = t.record_id
      where k.key is not null and ${OF_COMPANY} ${IN_TIME}`,
    rows: `messages t where ${OF_COMPANY}`,
    leftOut: 'about records that are not in the file',
    losses: { ...AUTHOR, 'the message they answer': 't.parent_id is not null and parent.id is null' },
  }),
]

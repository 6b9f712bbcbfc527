import { getColumns } from 'drizzle-orm'
import { PgTable, getTableConfig } from 'drizzle-orm/pg-core'
import * as models from '../../models/index.ts'
import { sqlLiteral } from '../../models/sql-text.ts'
import { userProfiles } from '../../models/user.ts'
import { type Check, answerOf, isMigrated } from './check.ts'

/** Whether the walls between companies stand in the database as the models have them. */
export const isolationChecks: Check[] = [
  {
    id: 'isolation.E001',
    about: 'A table’s row-level security is not that of its model: companies may see each other’s rows',
    hint: 'ALTER TABLE … ENABLE and FORCE ROW LEVEL SECURITY, and the policies as migrations/ has them',
    async find(subject) {
      const tables = isMigrated(subject) && (await answerOf(subject, UNHELD))
      return tables ? `Not as in the model: ${tables}` : undefined
    },
  },
  {
    id: 'isolation.E002',
    about: 'Requests may do in the database what is not for requests',
    hint: 'REVOKE it from fastvue_app, and from PUBLIC; ./manage sqlmigrate shows what was granted',
    async find(subject) {
      const deeds = isMigrated(subject) && (await answerOf(subject, OPEN))
      return deeds ? `fastvue_app may ${deeds}` : undefined
    },
  },
]

/** Each table and its policies, as rows of SQL. A table without policies is not for requests. */
const MODELS = Object.values(models)
  .filter((model) => model instanceof PgTable)
  .map((model) => getTableConfig(model))
  .map(({ name, policies }) => {
    const names = policies.map((policy) => policy.name).toSorted()
    return `(${sqlLiteral(name)}, ${sqlLiteral(names.join(', '))})`
  })
  .join(', ')

const PROFILE = Object.values(getColumns(userProfiles)).map(({ name }) => sqlLiteral(name))

const TABLES = `(values ${MODELS}) as m(name, expected)
  join pg_class c on c.relname = m.name and c.relnamespace = 'public'::regnamespace`

const UNHELD = `
  select string_agg(case when relrowsecurity and relforcerowsecurity
    then format('%s (policies %s, expected %s)', name, found, expected) else name || ' (not forced)' end, ', ') as answer
  from ${TABLES} cross join lateral (
    select coalesce(string_agg(polname::text, ', ' order by polname::text collate "C"), 'none') as found
    from pg_policy where polrelid = c.oid) as p
  where expected <> '' and (found <> expected or not (relrowsecurity and relforcerowsecurity))`

// No policy holds TRUNCATE. Of users requests read the profile.
const OPEN = `
  select string_agg(deed, ', ') as answer from ${TABLES} cross join lateral (
    select 'empty ' || name as deed where has_table_privilege('fastvue_app', c.oid, 'TRUNCATE')
    union all
    select 'use ' || name where expected = '' and (has_table_privilege('fastvue_app', c.oid, 'DELETE')
      or has_any_column_privilege('fastvue_app', c.oid, 'SELECT, INSERT, UPDATE'))
    union all
    select format('read %s.%s', name, attname) from pg_attribute
    where name = 'users' and attrelid = c.oid and attnum > 0 and not attisdropped and attname not in (${PROFILE.join(', ')})
      and has_column_privilege('fastvue_app', c.oid, attnum, 'SELECT')) as d`

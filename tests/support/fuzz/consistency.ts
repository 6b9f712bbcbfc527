import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../../app/services/context.ts'

type Db = Context['db']
const rowsOf = async <Row>(db: Db, query: SQL): Promise<Row[]> =>
  ((await db.execute(query)) as unknown as { rows: Row[] }).rows

const has = (table: string, column: string) =>
  sql.raw(`exists (select from pg_attribute where attrelid = ${table} and attname = '${column}' and not attisdropped)`)

/** References from rows of companies to rows of companies. */
const REFERENCES = sql`
  select distinct source.relname as source, field.attname as field, target.relname as target
  from pg_constraint
  join pg_class source on source.oid = conrelid
  join pg_class target on target.oid = confrelid
  join pg_attribute field on field.attrelid = conrelid and field.attnum = conkey[array_length(conkey, 1)]
  where contype = 'f' and not source.relispartition and field.attname <> 'company_id'
    and ${has('conrelid', 'company_id')} and ${has('confrelid', 'company_id')} and ${has('confrelid', 'id')}
    and source.relnamespace = 'public'::regnamespace`

const VERSIONED = sql`
  select relname as source from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and ${has('pg_class.oid', 'version')}`

/** What must be true of the rows, whatever was called. @returns what is not, a line each */
export async function inconsistenciesIn(db: Db): Promise<string[]> {
  const references = await rowsOf<{ source: string; field: string; target: string }>(db, REFERENCES)
  const versioned = await rowsOf<{ source: string }>(db, VERSIONED)
  const name = (text: string) => sql.identifier(text)
  const rules = new Map<string, SQL>([
    ...references.map(({ source, field, target }): [string, SQL] => [
      `${source}.${field} names another company’s ${target}`,
      sql`select from ${name(source)} a join ${name(target)} b on b.id = a.${name(field)} where a.company_id <> b.company_id`,
    ]),
    ...versioned.map(({ source }): [string, SQL] => [
      `${source} has a version below 1`,
      sql`select from ${name(source)} where version < 1`,
    ]),
    [
      'a message answers one of another record',
      sql`select from messages a join messages b on b.id = a.parent_id where (a.model_name, a.record_id) <> (b.model_name, b.record_id)`,
    ],
    [
      'somebody is in a group of a company that they are no member of',
      sql`select from user_groups join groups on groups.id = group_id
          where not exists (select from user_company_roles m where m.user_id = user_groups.user_id and m.company_id = groups.company_id)`,
    ],
    [
      'no superuser is left',
      sql`select where not exists (select from users where is_superuser and is_active and not is_deleted)`,
    ],
    [
      'a company is its own ancestor',
      sql`with recursive above as (
            select id as start, parent_company_id as id from companies
            union select start, parent_company_id from above join companies using (id)
          ) select from above where start = id`,
    ],
  ])
  const broken: string[] = []
  for (const [rule, query] of rules) if ((await rowsOf(db, query)).length > 0) broken.push(rule)
  return broken
}

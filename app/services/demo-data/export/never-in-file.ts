import { getTableName } from 'drizzle-orm'
import type { Db } from '../../../db/session.ts'
import { liveProcesses } from '../../../models/index.ts'
import { KNOWN_TABLES } from '../clear.ts'
import { MEMBERS } from './export-scope.ts'

/** A table that no section has, what its rows are called, and which of them are the company's. */
interface Unwritten {
  table: string
  what: string
  own: string
}

const OF_COMPANY = 'company_id = $1'
const OF_MEMBERS = `user_id in ${MEMBERS}`
/** What people prove who they are with, beside passwords. */
const CREDENTIALS: Unwritten[] = [
  { table: 'totp_secrets', what: 'authenticator apps', own: OF_MEMBERS },
  { table: 'passkeys', what: 'passkeys', own: OF_MEMBERS },
  { table: 'oauth_accounts', what: 'log-ins by another provider', own: OF_MEMBERS },
  { table: 'api_keys', what: 'API keys', own: OF_COMPANY },
  { table: 'sessions', what: 'sessions', own: OF_COMPANY },
]
const NOBODYS_DATA = [getTableName(liveProcesses), 'fastvue_migrations']

/** What no file has, features' own tables and credentials: how much of it there is. */
export async function neverInFileWarning(db: Db, company_id: number | null): Promise<string[]> {
  // No request may know of credentials.
  return db.unit.trusted(async (trusted) => {
    const unwritten = [...(await featureTables(trusted)), ...CREDENTIALS]
    const counts = unwritten.map(
      ({ table, own }, n) => `(select count(*) from ${table} where $1::bigint is null or ${own}) as n${n}`,
    )
    const { rows } = await trusted.unit.query({ text: `select ${counts.join(', ')}` }, [company_id])
    const found = unwritten.map(({ what }, n) => ({ what, count: Number(rows[0]?.[`n${n}`]) }))
    const list = found.filter(({ count }) => count > 0).map(({ what, count }) => `${count} ${what}`)
    return list.length > 0 ? [`never in a file: ${list.join(', ')}`] : []
  })
}

/** Every other table that may be read, quoted where it must be. Of one without `company_id` nothing is known to be a company's. */
async function featureTables(db: Db): Promise<Unwritten[]> {
  const { rows } = await db.unit.query({ text: FEATURE_TABLES }, [JSON.stringify([...KNOWN_TABLES, ...NOBODYS_DATA])])
  return rows.map(({ name, of_company }) => {
    const table = String(name)
    return { table, what: table, own: of_company ? OF_COMPANY : 'false' }
  })
}

const FEATURE_TABLES = `
  select t.oid::regclass::text as name, exists (
      select from pg_attribute where attrelid = t.oid and attname = 'company_id' and not attisdropped
    ) as of_company
  from pg_class t
  where relkind in ('r', 'p') and not relispartition
    and relnamespace = (select relnamespace from pg_class where oid = 'companies'::regclass)
    and relname not in (select jsonb_array_elements_text($1::jsonb))
    and has_table_privilege(t.oid, 'select')
    and not exists (select from pg_depend where objid = t.oid and deptype = 'e') -- an extension's own
  order by relname`

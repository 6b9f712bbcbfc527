import { type SQL, getColumns, sql } from 'drizzle-orm'
import { LRUCache } from 'lru-cache'
import type { Db } from '../../../db/session.ts'
import { companies, users } from '../../../models/index.ts'
import { NATURAL_KEYS, type NaturalKey } from '../natural-keys.ts'

/** A record as a file names it: `key` is what its table calls it, within the company if the table's rows belong to some. */
export interface RecordName {
  table: string
  company_id: number | null
  key: string
}

// More than a batch names.
const REMEMBERED = 50_000

/** Ids of records by their names, in one statement per table and batch. Deleted records are not there. */
export class RecordFinder {
  readonly #db: Db
  readonly #ids = new LRUCache<string, number>({ max: REMEMBERED })

  constructor(db: Db) {
    this.#db = db
  }

  /** Finds what `idOf` will be asked for. */
  async learn(names: RecordName[]): Promise<void> {
    const unknown = new Map(names.filter((name) => !this.#ids.has(keyOf(name))).map((name) => [keyOf(name), name]))
    const tables = Map.groupBy(unknown.values(), ({ table }) => table)
    for (const [table, wanted] of tables) {
      const natural = NATURAL_KEYS.get(table)
      if (!natural) continue
      const { rows } = await this.#db.execute<{ company_id: number | null; key: string; id: number }>(
        recordsOf(natural, wanted),
      )
      for (const row of rows) this.#ids.set(keyOf({ table, ...row }), row.id)
    }
  }

  idOf(name: RecordName): number | undefined {
    return this.#ids.get(keyOf(name))
  }
}

const keyOf = ({ table, company_id, key }: RecordName) => `${table}\n${company_id ?? ''}\n${key}`

function recordsOf({ table, column }: NaturalKey, wanted: RecordName[]): SQL {
  const columns = getColumns(table)
  const key = sql`t.${sql.identifier(column)}`
  const anyCase = table === users || table === companies
  const conditions = [
    anyCase ? sql`lower(${key}) = lower(k.key)` : sql`${key} = k.key`,
    ...('is_deleted' in columns ? [sql`not t.is_deleted`] : []),
    ...('owns_email' in columns ? [sql`t.owns_email`] : []),
  ]
  const company = columns['company_id']
  if (company?.notNull) conditions.push(sql`t.company_id = k.company_id`)
  else if (company) conditions.push(sql`(t.company_id = k.company_id or t.company_id is null)`)
  // A company's own comes last, and stays.
  const order = company && !company.notNull ? sql`order by t.company_id nulls first` : sql``
  return sql`
    select k.company_id, k.key, t.id
    from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) as k(company_id bigint, key text)
    join ${table} t on ${sql.join(conditions, sql` and `)} ${order}`
}

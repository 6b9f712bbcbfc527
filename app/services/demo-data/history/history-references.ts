import { sql } from 'drizzle-orm'
import { LRUCache } from 'lru-cache'
import { textSet } from '../../../db/bulk.ts'
import type { Db } from '../../../db/session.ts'
import { users } from '../../../models/index.ts'
import type { Faults } from '../faults.ts'
import type { Found } from '../found.ts'
import { companyKey, userKey } from '../keys.ts'
import { NATURAL_KEYS } from '../natural-keys.ts'
import { RecordFinder } from './record-finder.ts'

/** What an item of history refers to. */
export interface Wanted {
  emails: (string | null | undefined)[]
  records: RecordReference[]
}

export interface RecordReference {
  table: string
  company_code: string | null | undefined
  key: string
}

interface Person {
  id: number
  /** Where a notification reaches them that names no company. */
  home: number | null
}

/** Stands for the id of what the file would make, when it has faults and nothing is made. */
const NOT_MADE = 0
const REMEMBERED = 50_000

/** Finds what the items of history refer to, and adds a fault for each thing that is not there. */
export class HistoryReferences {
  readonly #db: Db
  readonly #companies: Found['companies']
  readonly #notMade: ReadonlySet<string>
  readonly #faults: Faults
  readonly #records: RecordFinder
  readonly #people = new LRUCache<string, Person>({ max: REMEMBERED })

  /** @param notMade what the file has and nobody made (`users/jo@example.com`), for it has faults */
  constructor(db: Db, { companies }: Found, faults: Faults, notMade: ReadonlySet<string> = new Set()) {
    this.#db = db
    this.#companies = companies
    this.#notMade = notMade
    this.#faults = faults
    this.#records = new RecordFinder(db)
  }

  /** Looks up what the other methods will be asked for. */
  async learn(wanted: Wanted[]): Promise<void> {
    await this.#learnPeople(wanted.flatMap(({ emails }) => emails.flatMap((email) => (email ? [userKey(email)] : []))))
    const records = wanted.flatMap((item) => item.records)
    await this.#records.learn(
      records.map(({ table, company_code, key }) => ({
        table,
        key,
        company_id: this.#companyId(company_code) ?? null,
      })),
    )
  }

  companyId(code: string | null | undefined, path: string): number | null | undefined {
    if (!code) return code === undefined ? undefined : null
    return this.#companyId(code) ?? this.#missing('company', 'companies', code, path)
  }

  userId(email: string | null | undefined, path: string): number | null | undefined {
    if (!email) return email === undefined ? undefined : null
    return this.#people.get(userKey(email))?.id ?? this.#missing('user', 'users', email, path)
  }

  /** The company in which somebody is told what names none. */
  homeOf(email: string, path: string): number {
    const person = this.#people.get(userKey(email))
    if (person && person.home === null) this.#faults.add(`${path}: is required, for ${email} has no company`)
    return person?.home ?? NOT_MADE
  }

  /** @param path of the item; `fields` are those that name the table and the record */
  recordId(name: RecordReference, path: string, fields: { table: string; key: string }): number {
    const { table, company_code, key } = name
    const natural = NATURAL_KEYS.get(table)
    if (!natural) {
      this.#faults.add(
        `${path}.${fields.table}: no table ${JSON.stringify(table)} whose records have a name of their own`,
      )
      return NOT_MADE
    }
    const company_id = this.#companyId(company_code)
    if (company_code && company_id === undefined && !this.#isNotMade('companies', company_code)) return NOT_MADE // named already
    if (company_code && this.#isNotMade(table, `${company_code}/${key}`)) return NOT_MADE
    return (
      this.#records.idOf({ table, key, company_id: company_id ?? null }) ??
      this.#missing(table, table, key, `${path}.${fields.key}`)
    )
  }

  #companyId(code: string | null | undefined): number | undefined {
    return code ? this.#companies.get(companyKey(code))?.id : undefined
  }

  #missing(kind: string, section: string, key: string, path: string): number {
    if (!this.#isNotMade(section, key)) this.#faults.add(`${path}: no ${kind} ${JSON.stringify(key)}`)
    return NOT_MADE
  }

  #isNotMade(section: string, key: string): boolean {
    return this.#notMade.has(`${section}/${key.toLowerCase()}`)
  }

  async #learnPeople(keys: string[]): Promise<void> {
    const unknown = new Set(keys.filter((key) => !this.#people.has(key)))
    if (unknown.size === 0) return
    const { rows } = await this.#db.execute<{ email: string; id: number; home: number | null }>(sql`
      select email, id, coalesce(current_company_id, (
        select company_id from user_company_roles where user_id = users.id and is_default and is_active order by id limit 1
      )) as home
      from ${users} where owns_email and lower(email) in ${textSet(unknown)}`)
    for (const { email, ...person } of rows) this.#people.set(userKey(email), person)
  }
}

import { batchesOf } from '../../../db/batches.ts'
import type { Db } from '../../../db/session.ts'
import { HISTORY_SECTIONS } from '../../../schemas/demo-data.ts'
import { peopleOf } from './export-scope.ts'
import type { ExportSection } from './export-sections.ts'
import { checkItem } from '../checks/item-faults.ts'
import { JsonFault } from '../json/json-fault.ts'
import { parseJson } from '../json/json-parse.ts'

/** What was found while a section was read. */
export interface Tally {
  items: number
  /** How many items lack what, by `ExportSection.losses`. */
  lost: Map<string, number>
  /** Items that loading would refuse: rows that were made by other means than requests can break its rules. */
  refused: number
  firstFault: string
}

export interface CountedSection {
  section: ExportSection
  /** How many rows there are for it. */
  count: number
}

interface Row {
  item: string
  /** Numbers of the section's losses, with commas. */
  lost: string | null
}

// History is long, and its columns are as narrow as the rules are, but for texts of this length and what JSON can have.
const LONG = 10_000
const DOUBTFUL = /[\d.]{16}|"__proto__":/

/** Reads sections from the database, of one company or of all. */
export class ExportReader {
  readonly #db: Db
  readonly #company_id: number | null
  readonly #with: string

  constructor(db: Db, company_id: number | null) {
    this.#db = db
    this.#company_id = company_id
    this.#with = `with ${peopleOf(company_id)}`
  }

  /** Counts the rows that there are for each section. */
  async count(sections: ExportSection[]): Promise<CountedSection[]> {
    // To compile what each row goes through takes longer than it saves.
    await this.#db.unit.query({ text: `select set_config('jit', 'off', true)` })
    const counts = sections.map(({ name, rows }) => `(select count(*) from ${rows}) as ${name}`)
    const { rows } = await this.#db.unit.query({ text: `select ${counts.join(', ')}` }, [this.#company_id])
    return sections.map((section) => ({ section, count: Number(rows[0]?.[section.name]) }))
  }

  /** Hands on the JSON text of each item of a section, some at a time. */
  async read(section: ExportSection, take: (items: string[]) => Promise<void>): Promise<Tally> {
    if (section.name !== 'users') return this.#read(this.#db, section, [this.#company_id], take)
    // Whose hashes may be read is found under row-level security; the reading itself is trusted.
    const people = { text: `${this.#with} select coalesce(jsonb_agg(id), '[]')::text as ids from people` }
    const { rows } = await this.#db.unit.query(people, [this.#company_id])
    return this.#db.unit.trusted((db) => this.#read(db, section, [this.#company_id, rows[0]?.['ids']], take))
  }

  async #read(
    db: Db,
    section: ExportSection,
    values: unknown[],
    take: (items: string[]) => Promise<void>,
  ): Promise<Tally> {
    const what = Object.keys(section.losses)
    const tally: Tally = { items: 0, lost: new Map(), refused: 0, firstFault: '' }
    const query = { text: `${this.#with} ${selectOf(section)}`, values }
    for await (const rows of batchesOf<Row>(db, query, ({ item }) => item.length)) {
      for (const [n, { item, lost }] of rows.entries()) {
        for (const number of lost?.split(',') ?? []) add(tally.lost, what[Number(number)] ?? '')
        const fault = faultOf(section, item, tally.items + n)
        if (fault === undefined) continue
        tally.refused += 1
        tally.firstFault ||= fault
      }
      await take(rows.map(({ item }) => item))
      tally.items += rows.length
    }
    return tally
  }
}

function selectOf({ item, from, losses }: ExportSection): string {
  const lost = Object.values(losses).map((when, n) => `case when ${when} then ${n} end`)
  return `select ${item} as item, nullif(concat_ws(',', ${['null', ...lost].join(', ')}), '') as lost from ${from}`
}

function faultOf({ name, schema }: ExportSection, item: string, index: number): string | undefined {
  if (name in HISTORY_SECTIONS && item.length < LONG && !DOUBTFUL.test(item)) return undefined
  const path = `${name}[${index}]`
  try {
    const checked = checkItem<unknown>(schema, parseJson(Buffer.from(item), 0), path)
    return 'faults' in checked ? checked.faults[0] : undefined
  } catch (error) {
    if (error instanceof JsonFault) return `${path}: ${error.message}`
    throw error
  }
}

function add(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1)
}

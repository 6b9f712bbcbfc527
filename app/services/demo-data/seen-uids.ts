import { sql } from 'drizzle-orm'
import type { Db } from '../../db/session.ts'
import { uidOf, uidOfRepeat } from './uids.ts'

/** An item of history, and what its section's later items need to know of it. */
export interface Identified {
  index: number
  /** As `JSON.parse` has it. */
  value: unknown
  /** What it names; undefined if it names none. */
  uid: string | undefined
  /** Of a message: the record that it is about, where that is known, and the message that it answers. */
  thread?: string
  parent?: string | null
}

/** Whose uid is whose. `sameAs` is the earlier item that has it already. */
export interface Identity {
  uid: string
  sameAs?: number
}

interface Seen {
  uid: string
  index: number
  times: number
  given: boolean
}

/** The items of a section so far, in a temporary table that ends with the transaction: there may be more than fit into memory. */
export class SeenUids {
  readonly #db: Db
  readonly #section: string

  private constructor(db: Db, section: string) {
    this.#db = db
    this.#section = section
  }

  static async open(db: Db, section: string): Promise<SeenUids> {
    await db.execute(sql`drop table if exists pg_temp.load_seen`)
    await db.execute(sql`
      create temporary table load_seen (
        uid uuid primary key, index integer not null, times integer not null, given boolean not null, thread text, parent uuid
      ) on commit drop`)
    return new SeenUids(db, section)
  }

  /** Gives each item the uid that is its own, in their order, and remembers it. */
  async identify(items: Identified[]): Promise<Identity[]> {
    const named = items.map((item) => ({ ...item, key: item.uid ?? uidOf(this.#section, item.value) }))
    const groups = [...Map.groupBy(named, ({ key }) => key).values()].map((group) => ({
      ...group[0],
      value: undefined,
      uid: group[0]?.key,
      times: group.length,
      given: group.some(({ uid }) => uid !== undefined),
    }))
    const { rows } = await this.#db.execute<Seen & Record<string, unknown>>(sql`
      insert into load_seen as s (uid, index, times, given, thread, parent)
      select uid, index, times, given, thread, parent
      from jsonb_to_recordset(${JSON.stringify(groups)}::jsonb)
        as g(uid uuid, index integer, times integer, given boolean, thread text, parent uuid)
      on conflict (uid) do update set times = s.times + excluded.times, given = s.given or excluded.given
      returning uid, index, times, given`)
    const seen = new Map(rows.map((row) => [row.uid, row]))
    const left = new Map(groups.map(({ uid = '', times }) => [uid, times]))
    return named.map(({ key, index }) => {
      const { index: first, times, given } = seen.get(key) ?? { index, times: 1, given: true }
      const rest = left.get(key) ?? 1
      left.set(key, rest - 1)
      const number = times - rest // how many were before it
      if (number === 0) return { uid: key }
      return given ? { uid: key, sameAs: first } : { uid: uidOfRepeat(key, number) }
    })
  }
}

import { sql } from 'drizzle-orm'
import type { Db } from '../../../db/session.ts'
import { uidOfRepeat } from './uids.ts'

/** An item of history, and what its section's later items need to know of it. */
export interface Identified {
  index: number
  uid: string
  /** Whether the file names the uid. */
  isGiven: boolean
  /** Of a message: the record that it is about, where that is there, and the message that it answers. */
  thread?: string
  parent?: string | null
}

/** Whose uid is whose. `sameAs` is the earlier item that has it already. */
export interface Identity {
  uid: string
  sameAs?: number
}

/** The items of a section so far, in a temporary table (`load_seen`): there may be more than memory holds. */
export class SeenUids {
  readonly #db: Db

  private constructor(db: Db) {
    this.#db = db
  }

  /** Begins with a section: of the one before nothing stays. */
  static async open(db: Db): Promise<SeenUids> {
    await db.execute(sql`drop table if exists pg_temp.load_seen`)
    await db.execute(sql`
      create temporary table load_seen (
        uid uuid primary key, index integer not null, times integer not null, given boolean not null, thread text, parent uuid
      ) on commit drop`)
    return new SeenUids(db)
  }

  /** Remembers items. @returns by each one's index what it is: equal ones without a uid are told apart by their number */
  async identify(items: Identified[]): Promise<Map<number, Identity>> {
    const groups = Map.groupBy(items, ({ uid }) => uid)
    const firsts = [...groups.values()].flatMap((group) =>
      group
        .slice(0, 1)
        .map((first) => ({ ...first, times: group.length, given: group.some(({ isGiven }) => isGiven) })),
    )
    const { rows } = await this.#db.execute<{ uid: string; index: number; times: number; given: boolean }>(sql`
      insert into load_seen as s (uid, index, times, given, thread, parent)
      select uid, index, times, given, thread, parent
      from jsonb_to_recordset(${JSON.stringify(firsts)}::jsonb)
        as f(uid uuid, index integer, times integer, given boolean, thread text, parent uuid)
      on conflict (uid) do update set times = s.times + excluded.times, given = s.given or excluded.given
      returning uid, index, times, given`)
    const identities = rows.flatMap(({ uid, index: first, times, given }) => {
      const group = groups.get(uid) ?? []
      return group.map(({ index }, at): [number, Identity] => {
        const number = times - group.length + at // how many there were before it
        if (number === 0) return [index, { uid }]
        return [index, given ? { uid, sameAs: first } : { uid: uidOfRepeat(uid, number) }]
      })
    })
    return new Map(identities)
  }
}

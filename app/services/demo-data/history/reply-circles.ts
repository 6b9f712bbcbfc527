import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '../../../db/session.ts'

/**
 * Finds the messages of `load_seen` that would be their own ancestors. Each step looks twice as far up as the
 * one before and drops what has come to an end there; what is left when it looks further than there are replies goes round
 * in circles, and what it sees is on one.
 * @returns the statement that names them
 */
export async function findCircles(db: Db, update: boolean): Promise<SQL> {
  await db.execute(sql`drop table if exists pg_temp.load_replies`)
  await db.execute(sql`create temporary table load_replies (uid uuid primary key, above uuid not null) on commit drop`)
  const inFile = await db.execute<Record<string, unknown>>(
    sql`insert into load_replies select uid, parent from load_seen where parent is not null`,
  )
  // Without --update no row that is there gets another parent, so that none can be on a circle.
  const stored = await db.execute<Record<string, unknown>>(sql`
    insert into load_replies
    select m.uid, p.uid from messages m join messages p on p.id = m.parent_id where ${update} on conflict do nothing`)
  const total = (inFile.rowCount ?? 0) + (stored.rowCount ?? 0)
  for (let reach = 1, left = total; left > 0 && reach <= total; reach *= 2) {
    const ended = await db.execute<Record<string, unknown>>(
      sql`delete from load_replies r where not exists (select from load_replies a where a.uid = r.above)`,
    )
    left -= ended.rowCount ?? 0
    await db.execute(sql`update load_replies r set above = a.above from load_replies a where a.uid = r.above`)
  }
  return sql`
    select index, count(*) over () as total, 'makes the message its own ancestor' as fault
    from load_seen where uid in (select above from load_replies) order by index limit 200`
}

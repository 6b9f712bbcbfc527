import { sql } from 'drizzle-orm'
import type { Db } from '../../../db/session.ts'
import type { HistoryJob } from './history-section.ts'
import { findCircles } from './reply-circles.ts'

/** Rows of messages `m` that this transaction has written. */
const IS_OWN = sql`m.xmin = pg_current_xact_id()::xid`

/**
 * Puts the replies among the messages of `load_seen` under their parents. It comes last, for a parent may come after its
 * replies in the file.
 * @returns how many rows changed that were there already and had not changed before
 */
export async function joinReplies({ db, faults, update }: HistoryJob): Promise<number> {
  await db.execute(sql`analyze load_seen`)
  for (const wrong of [WRONG_PARENTS, await findCircles(db, update)]) {
    const { rows } = await db.execute<{ index: number; fault: string; total: number }>(wrong)
    const listed = rows.map(({ index, fault }) => `messages[${index}].parent_uid: ${fault}`)
    faults.addAll(listed, rows[0]?.total ?? 0)
  }
  return faults.count > 0 ? 0 : join(db, update)
}

async function join(db: Db, update: boolean): Promise<number> {
  const { rows } = await db.execute<{ moved: number }>(sql`
    with wanted as (
      select m.id, p.id as parent_id, ${IS_OWN} as counted
      from load_seen s join messages m on m.uid = s.uid join messages p on p.uid = s.parent
      where m.parent_id is distinct from p.id and (${update} or ${IS_OWN})
    ), joined as (
      update messages t set parent_id = w.parent_id, updated_at = now() from wanted w where t.id = w.id returning w.counted
    )
    select count(*) filter (where not counted) as moved from joined`)
  return rows[0]?.moved ?? 0
}

const WRONG_PARENTS = sql`
  with parents as (
    select s.index, s.parent, s.thread, p.uid is not null or m.uid is not null as is_there,
      coalesce(p.thread, m.company_id || '/' || m.model_name || '/' || m.record_id) as other
    from load_seen s left join load_seen p on p.uid = s.parent left join messages m on m.uid = s.parent
    where s.parent is not null
  )
  select index, count(*) over () as total,
    case when is_there then format('message "%s" is about another record', parent) else format('no message "%s"', parent) end as fault
  from parents where not is_there or thread <> other order by index limit 200`

import { sql } from 'drizzle-orm'
import type { HistoryJob } from './history.ts'

/**
 * Puts each reply of `load_seen` under its parent, once all messages are there: a parent may come after its replies in the file.
 * @returns how many rows changed that were unchanged before
 */
export async function joinReplies({ db, faults, update }: HistoryJob): Promise<number> {
  await db.execute(sql`analyze load_seen`)
  const { rows } = await db.execute<{ index: number; parent: string; kind: string; total: number }>(WRONG_PARENTS)
  faults.addCounted(
    rows.map(({ index, parent, kind }) => `messages[${index}].parent_uid: ${kind} ${JSON.stringify(parent)}`),
    rows[0]?.total ?? 0,
  )
  if (faults.count > 0) return 0
  const own = sql`(m.xmin = pg_current_xact_id()::xid)`
  const joined = await db.execute<{ moved: number }>(sql`
    with wanted as (
      select m.id, p.id as parent_id, ${own} as counted
      from load_seen s join messages m on m.uid = s.uid join messages p on p.uid = s.parent
      where m.parent_id is distinct from p.id and (${update} or ${own})
    ), joined as (
      update messages m set parent_id = w.parent_id, updated_at = now() from wanted w where m.id = w.id returning w.counted
    )
    select count(*) filter (where not counted) as moved from joined`)
  return joined.rows[0]?.moved ?? 0
}

const WRONG_PARENTS = sql`
  with parents as (
    select s.index, s.parent, s.thread as own,
      p.uid is not null or m.uid is not null as there,
      coalesce(p.thread, m.company_id || '/' || m.model_name || '/' || m.record_id) as other
    from load_seen s left join load_seen p on p.uid = s.parent left join messages m on m.uid = s.parent
    where s.parent is not null
  )
  select index, parent, case when there then 'another record has the message' else 'no message' end as kind, count(*) over () as total
  from parents where not there or own <> other
  order by index limit 200`

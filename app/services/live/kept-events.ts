import { getColumns, sql } from 'drizzle-orm'
import { allows } from '../../core/permissions.ts'
import type { Db } from '../../db/session.ts'
import { events } from '../../models/index.ts'
import { INTERNAL } from '../threads/records.ts'
import { THREADED } from '../threads/threaded.ts'
import type { LiveClient } from './client.ts'

/** Events that who was away is told afterwards are at most so old. They are kept for longer: see `forgetEvents`. */
const REPLAY_MINUTES = 5
const KEPT_MINUTES = 10
/** The longest that a commit may take, and still no event of it be lost. */
const COMMIT_MINUTES = 1
/** More than this number is not told afterwards: who has missed so much reads everything again. */
export const REPLAYED = 1000
/** Of a company, in one statement. */
const BATCH = 500

/** An event as it was kept, and whether the record that it is about is there now. */
export interface KeptEvent {
  id: number
  created_at: string
  company_id: number
  type: string
  data: Record<string, unknown>
  user_id: number | null
  model_name: string | null
  is_internal: boolean
  is_there: boolean
}

/** Whether somebody with these permissions in the event's company is told of it. */
export function mayHear(event: KeptEvent, permissions: ReadonlySet<string>, { user_id }: LiveClient): boolean {
  if (event.user_id !== null && event.user_id !== user_id) return false
  if (event.is_internal && !allows(permissions, INTERNAL)) return false
  if (event.model_name === null) return true
  const model = THREADED.get(event.model_name)
  return model !== undefined && event.is_there && allows(permissions, model.permission)
}

export interface NewEvents {
  events: KeptEvent[]
  /** Whether there may be more. */
  more: boolean
}

/**
 * What has happened in each company since the event that is named for it, the oldest first: one statement, whatever the number
 * of companies.
 */
export async function eventsAfter(db: Db, last: ReadonlyMap<number, number>): Promise<NewEvents> {
  const values = [[...last.keys()], [...last.values()]]
  const { rows: found } = await db.unit.query<KeptEvent>({ text: EVENTS_AFTER(), name: 'live_events' }, values)
  const perCompany = new Map<number, number>()
  for (const { company_id } of found) perCompany.set(company_id, (perCompany.get(company_id) ?? 0) + 1)
  return { events: found, more: [...perCompany.values()].some((count) => count === BATCH) }
}

/** The latest of a company's events up to one, the oldest first: `REPLAYED` of them, and one more if there are more. */
export async function eventsBetween(db: Db, company_id: number, after: number, upto: number): Promise<KeptEvent[]> {
  const query = { text: EVENTS_BETWEEN(), name: 'live_replay' }
  return (await db.unit.query<KeptEvent>(query, [company_id, after, upto])).rows
}

/** Where everybody's events stand: one moment's view, so that what is not in it comes later. */
export interface Standing {
  /** The last event of all companies. No client may be told it: it says when others work. */
  upto: number
  /** An id that is older than what may still be asked for, and one that no event can have yet. */
  oldest: number
  future: number
  /** For each company what a client may go on from that has seen everything. */
  resume: Map<number, number>
}

type StandingRow = Omit<Standing, 'resume'> & { resume: [number, number][] }

export async function standing(db: Db, companies: number[]): Promise<Standing> {
  const query = { text: STANDING, name: 'live_standing' }
  const [row] = (await db.unit.query<StandingRow>(query, [companies])).rows
  if (!row) throw new Error('No row of a statement that has one')
  return { ...row, resume: new Map(row.resume) }
}

/** Forgets events that nobody can ask for any more. @returns how many */
export async function forgetEvents(db: Db): Promise<number> {
  // By the id, which is of the commit: `created_at` is when the transaction began.
  const gone = await db.delete(events).where(sql`id > 0 and id < ${sql.raw(idAt(KEPT_MINUTES))}`)
  return gone.rowCount ?? 0
}

/** The ids of a moment some minutes ago begin here: see `new_id()` in migration 0005. */
const idAt = (minutesAgo: number): string =>
  `(floor((extract(epoch from clock_timestamp()) - ${minutesAgo * 60} - 1767225600) * 250000)::bigint << 5)`

/** Whether the record of an event is there: each model's own table is asked, in the event's company. */
const isThere = once(() => {
  const cases = [...THREADED].map(([name, { table }]) => {
    const live = 'is_deleted' in getColumns(table) ? 'and not r.is_deleted' : ''
    const there = `select from "${name}" r where r.company_id = e.company_id and r.id = e.record_id ${live}`
    return `when e.model_name = '${name}' then exists (${there})`
  })
  return cases.length > 0 ? `case ${cases.join(' ')} else false end` : 'false'
})

const columns = once(
  () =>
    `e.id, e.created_at, e.company_id, e.type, e.data, e.user_id, e.model_name, e.is_internal, ${isThere()} as is_there`,
)

const EVENTS_AFTER = once(
  () => `
  select kept.* from unnest($1::bigint[], $2::bigint[]) as here (company_id, last)
  cross join lateral (
    select ${columns()} from events e where e.company_id = here.company_id and e.id > greatest(here.last, 0)
    order by e.id limit ${BATCH}
  ) kept order by kept.id`,
)

const EVENTS_BETWEEN = once(
  () => `
  select * from (
    select ${columns()} from events e where e.company_id = $1::bigint and e.id > greatest($2::bigint, 0) and e.id <= $3::bigint
    order by e.id desc limit ${REPLAYED + 1}
  ) latest order by id`,
)

const STANDING = `
  select coalesce((select max(id) from events where id > 0), 0) as upto,
    ${idAt(REPLAY_MINUTES)} as oldest, ${idAt(-COMMIT_MINUTES)} as future,
    (select coalesce(jsonb_agg(jsonb_build_array(here, greatest(${idAt(COMMIT_MINUTES)}, (
       select max(id) from events e where e.company_id = here and e.id > 0)))), '[]')
     from unnest($1::bigint[]) here) as resume`

function once(text: () => string): () => string {
  let made: string | undefined
  return () => (made ??= text())
}

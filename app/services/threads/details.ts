import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { readsInternal } from './records.ts'
import { type ThreadWall, boundIds, runThreadStatement } from './wall.ts'

/** A person as a thread shows them. */
export interface Person {
  id: number
  username: string
  full_name: string | null
}

/** What a message shows besides its own columns, to this caller. */
export interface MessageDetails {
  /** Null for who is no member of the company now, or deleted, and for what nobody wrote. */
  author: Person | null
  mentions: Person[]
  reactions: { emoji: string; count: number; reacted: boolean }[]
  /** Direct replies that the caller may read. */
  reply_count: number
  /** Whether the caller has read it; one's own is read. */
  is_read: boolean
}

/** The details of messages that the caller may read, by their ids: one statement, whatever the number. */
export async function detailsOf(ctx: Context, ids: number[]): Promise<ReadonlyMap<number, MessageDetails>> {
  if (ids.length === 0) return new Map()
  const { rows } = await runThreadStatement<MessageDetails & { id: number }>(ctx, 'details', details, {
    $ids: JSON.stringify(ids),
    $user_id: ctx.user?.id ?? null,
    $internal: readsInternal(ctx),
  })
  return new Map(rows.map(({ id, ...row }) => [id, row]))
}

/** That a user is a member of the company of a row, and so known to it. */
const known = sql`not u.is_deleted and exists (
  select from user_company_roles k where k.user_id = u.id and k.company_id = m.company_id)`
const person = sql`jsonb_build_object('id', u.id, 'username', u.username, 'full_name', u.full_name)`
const me = sql`${sql.placeholder('$user_id')}::bigint`

// Each sub-select names the company, which leads the indexes.
const details = (wall: ThreadWall) => sql`
  select m.id,
    (select ${person} from users u where u.id = m.user_id and ${known}) as author,
    (select coalesce(jsonb_agg(${person} order by n.id), '[]') from message_mentions n
     join users u on u.id = n.user_id and ${known}
     where n.company_id = m.company_id and n.message_id = m.id) as mentions,
    (select coalesce(jsonb_agg(jsonb_build_object('emoji', r.emoji, 'count', r.count, 'reacted', r.reacted) order by r.first), '[]')
     from (
       select emoji, count(*) as count, bool_or(user_id = ${me}) is true as reacted, min(id) as first from message_reactions
       where company_id = m.company_id and message_id = m.id group by emoji
     ) r) as reactions,
    (select count(*) from messages c where c.company_id = m.company_id and c.parent_id = m.id
     and (${sql.placeholder('$internal')}::boolean or not c.is_internal)) as reply_count,
    (m.user_id is not distinct from ${me} or exists (
      select from message_reads s where s.company_id = m.company_id and s.message_id = m.id and s.user_id = ${me}
    )) as is_read
  from messages m where ${wall.of('m')} and m.id in ${boundIds('$ids')}`

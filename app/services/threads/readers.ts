import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { INTERNAL, type RecordName } from './records.ts'
import { THREADED } from './threaded.ts'
import { type ThreadWall, boundRows, boundTexts, runThreadStatement } from './wall.ts'

/** Somebody who may read a record, and whether the text names them. */
export interface Reader {
  id: number
  named: boolean
}

interface Audience extends RecordName {
  /** Only who may read internal messages as well. */
  is_internal: boolean
}

/**
 * Of a record's followers and of those with these usernames, in any case of letters: who may read it now. One statement,
 * whatever the number.
 */
export function audienceOf(ctx: Context, { names, ...audience }: Audience & { names: string[] }): Promise<Reader[]> {
  const followers = (wall: ThreadWall) => sql`
    select f.user_id as id, false as named from message_followers f
    where ${wall.of('f')} and f.model_name = ${sql.placeholder('$model_name')}
      and f.record_id = ${sql.placeholder('$record_id')}`
  const named = sql`
    select u.id, true from users u where u.id in (select user_id from member) and lower(u.username) in ${boundTexts('$names')}`
  const [key, candidates] = names.length
    ? ['followers and names', (wall: ThreadWall) => sql`${followers(wall)} union all ${named}`]
    : (['followers', followers] as const)
  return readersAmong(ctx, audience, key, candidates, { $names: JSON.stringify(names) })
}

/** Of these users, who may read a record now. */
export async function readersOf(ctx: Context, record: RecordName, user_ids: number[]): Promise<Set<number>> {
  const audience = { ...record, is_internal: false }
  const given = () => sql`select id, false as named from ${boundRows('$ids')} given`
  const readers = await readersAmong(ctx, audience, 'users', given, { $ids: JSON.stringify(user_ids) })
  return new Set(readers.map(({ id }) => id))
}

/**
 * Who may read a record: active members of the company who hold what reading it takes, by their roles or groups. Anything
 * inactive on the way grants nothing, as in `membership.ts`; a superuser holds everything, but is no member by that.
 */
async function readersAmong(
  ctx: Context,
  { model_name, record_id, is_internal }: Audience,
  key: string,
  candidates: (wall: ThreadWall) => SQL,
  values: Record<string, unknown>,
): Promise<Reader[]> {
  const model = THREADED.get(model_name)
  if (!model) return []
  const { rows } = await runThreadStatement<Reader>(ctx, `readers among ${key}`, (wall) => readers(wall, candidates), {
    ...values,
    $model_name: model_name,
    $record_id: record_id,
    $reading: JSON.stringify(grantedBy(model.permission)),
    $internal: JSON.stringify(is_internal ? grantedBy(INTERNAL) : []),
    $is_internal: is_internal,
  })
  return rows
}

/** The names by which `allows` lets somebody do something. */
const grantedBy = (permission: string) => [permission, permission.replace(/\..*/, '.manage')]

const readers = (wall: ThreadWall, candidates: (wall: ThreadWall) => SQL) => sql`
  with member as (
    select m.user_id, m.role_id from user_company_roles m
    join roles r on r.id = m.role_id and r.is_active and (r.company_id is null or r.company_id = m.company_id)
    where ${wall.of('m')} and m.is_active
  ), candidate as (
    select u.id, u.is_superuser, bool_or(c.named) as named
    from (${candidates(wall)}) c join users u on u.id = c.id and u.is_active and not u.is_deleted
    where u.id in (select user_id from member)
    group by u.id, u.is_superuser
  ), granted as (
    select m.user_id, rp.permission_id from member m join role_permissions rp on rp.role_id = m.role_id
    where m.user_id in (select id from candidate)
    union
    select ug.user_id, gp.permission_id from user_groups ug
    join groups g on g.id = ug.group_id and g.is_active and ${wall.of('g')}
    join group_permissions gp on gp.group_id = g.id
    where ug.user_id in (select id from candidate)
  ), holder as (
    select granted.user_id, bool_or(p.name in ${boundTexts('$reading')}) as reads,
      bool_or(p.name in ${boundTexts('$internal')}) as reads_internal
    from granted join permissions p on p.id = granted.permission_id and p.is_active
    group by granted.user_id
  )
  select c.id, c.named from candidate c left join holder h on h.user_id = c.id
  where c.is_superuser or (h.reads and (h.reads_internal or not ${sql.placeholder('$is_internal')}::boolean))
  order by c.id`

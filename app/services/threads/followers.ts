import { type SQL, and, sql } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import { messageFollowers } from '../../models/index.ts'
import type { ListQuery } from '../../schemas/list-query.ts'
import { BaseCRUDService, COMPANY } from '../base.ts'
import { type Context, demandCompany, demandUser } from '../context.ts'
import type { Page, Row } from '../record.ts'
import type { Person } from './details.ts'
import { readersOf } from './readers.ts'
import { type RecordName, demandRecord } from './records.ts'
import { aboutRecord } from './rules.ts'
import { boundIds, boundRows, runThreadStatement } from './wall.ts'

export type Follower = Row<typeof messageFollowers> & Omit<Person, 'id'>

/** Each message is an item for each of them. */
const MOST = 1000

/** Who is told of what is written about a record. Each method throws `not_found` for one that the caller may not read. */
export class FollowerService {
  readonly #ctx: Context
  readonly #records: FollowerRecords

  constructor(ctx: Context) {
    this.#ctx = ctx
    this.#records = new FollowerRecords(ctx)
  }

  /** Those who are members of the company now. */
  async list(record: RecordName, query: ListQuery): Promise<Page<Follower>> {
    const [, page] = await Promise.all([
      demandRecord(this.#ctx, record),
      this.#records.getMulti({ ...query, filters: [...aboutRecord(record), ...query.filters] }),
    ])
    const people = await this.#people(page.items.map(({ user_id }) => user_id))
    const items = page.items.flatMap((row) => {
      const person = people.get(row.user_id)
      return person ? [{ ...row, username: person.username, full_name: person.full_name }] : []
    })
    return { ...page, items }
  }

  /** The first of them, at most 200. */
  async first(record: RecordName): Promise<Follower[]> {
    const query = { page: 1, page_size: 200, with_total: false, sort: [], filters: [] }
    return (await this.list(record, query)).items
  }

  /**
   * Makes users follow a record, or the caller. Of others, only who may read it: one who may not, is no member or does not
   * exist gets one answer.
   * @throws AppError `invalid_reference`, `bad_request` where too many follow already
   */
  async follow(record: RecordName, user_ids?: number[]): Promise<void> {
    const company_id = demandCompany(this.#ctx)
    await demandRecord(this.#ctx, record)
    const given = new Set(user_ids ?? [demandUser(this.#ctx)])
    if (user_ids) {
      const readers = await readersOf(this.#ctx, record, [...given])
      if (readers.size < given.size)
        throw new AppError('invalid_reference', 'user_ids refers to something that does not exist')
    }
    await addFollowers(this.#ctx, company_id, record, [...given])
    const [following] = await this.#following(record, [...given])
    if ((following?.count ?? 0) < given.size)
      throw new AppError('bad_request', `At most ${MOST} users can follow a record`)
  }

  /** The caller follows no longer. */
  async unfollow(record: RecordName): Promise<void> {
    const user_id = demandUser(this.#ctx)
    await demandRecord(this.#ctx, record)
    await runThreadStatement(
      this.#ctx,
      'unfollow',
      (wall) => sql`
        delete from message_followers f where ${wall.of('f')} and f.model_name = ${sql.placeholder('$model_name')}
          and f.record_id = ${sql.placeholder('$record_id')} and f.user_id = ${sql.placeholder('$user_id')}`,
      { $model_name: record.model_name, $record_id: record.record_id, $user_id: user_id },
    )
  }

  async #people(ids: number[]): Promise<ReadonlyMap<number, Person>> {
    const { rows } = await runThreadStatement<Person>(
      this.#ctx,
      'people',
      () =>
        sql`select u.id, u.username, u.full_name from users u where u.id in ${boundIds('$ids')} and not u.is_deleted`,
      { $ids: JSON.stringify(ids) },
    )
    return new Map(rows.map((person) => [person.id, person]))
  }

  async #following(record: RecordName, ids: number[]) {
    const { rows } = await runThreadStatement<{ count: number }>(
      this.#ctx,
      'following',
      (wall) => sql`
        select count(*) as count from message_followers f where ${wall.of('f')}
          and f.model_name = ${sql.placeholder('$model_name')} and f.record_id = ${sql.placeholder('$record_id')}
          and f.user_id in ${boundIds('$ids')}`,
      { $model_name: record.model_name, $record_id: record.record_id, $ids: JSON.stringify(ids) },
    )
    return rows
  }
}

/** Adds followers of a record as long as there is room. Who follows already stays as they are. */
export async function addFollowers(
  ctx: Context,
  company_id: number,
  { model_name, record_id }: RecordName,
  user_ids: number[],
): Promise<void> {
  const bound = (name: string, type: 'bigint' | 'varchar') => sql`${sql.placeholder(name)}::${sql.raw(type)}`
  await runThreadStatement(
    ctx,
    'follow',
    () => sql`
      insert into message_followers (company_id, model_name, record_id, user_id)
      select ${bound('$company', 'bigint')}, ${bound('$model_name', 'varchar')}, ${bound('$record_id', 'bigint')}, given.id
      from ${boundRows('$ids')} given
      where (
        select count(*) from message_followers f where f.company_id = ${bound('$company', 'bigint')}
          and f.model_name = ${bound('$model_name', 'varchar')} and f.record_id = ${bound('$record_id', 'bigint')}
      ) <= ${sql.placeholder('$room')}::int
      order by given.id on conflict do nothing`,
    {
      $company: company_id,
      $model_name: model_name,
      $record_id: record_id,
      $ids: JSON.stringify(user_ids),
      $room: MOST - user_ids.length,
    },
  )
}

/** Followers as a company sees them: those of its members. */
export class FollowerRecords extends BaseCRUDService<typeof messageFollowers> {
  constructor(ctx: Context) {
    super(messageFollowers, ctx)
  }

  protected override inCompany(): SQL | undefined {
    const { user_id, company_id } = messageFollowers
    return and(
      sql`${company_id} = ${COMPANY}`,
      sql`${user_id} in (
        select m.user_id from user_company_roles m join users u on u.id = m.user_id and not u.is_deleted
        where m.company_id = ${COMPANY})`,
    )
  }
}

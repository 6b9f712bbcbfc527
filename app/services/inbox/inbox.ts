import { type SQL, and, eq, getColumns, inArray, ne, or, sql } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import { placeholdersFor } from '../../db/statement.ts'
import { inboxItems, notifications } from '../../models/index.ts'
import type { InboxItemType } from '../../models/inbox.ts'
import type { ListQuery } from '../../schemas/list-query.ts'
import type { Context } from '../context.ts'
import { emit } from '../live/emit.ts'
import { OwnRecordsService, inOrder, isGiven, readStamp } from '../own-records.ts'
import type { Page, Row } from '../record.ts'
import { type Bulk, CHANGES, type InboxChanges, type InboxFilter } from './bulk.ts'
import { InboxCountersService } from './counters.ts'

export type InboxItem = Row<typeof inboxItems>
interface Count {
  company_id: number
  n: number
}
interface Kept {
  total_count: number
  read_count: number
  starred_count: number
  archived_count: number
}

/** The caller's inbox in the company of the request. Who reads an item has read its notification. */
export class InboxService extends OwnRecordsService<typeof inboxItems> {
  protected override readonly search = ['title', 'preview']

  constructor(ctx: Context) {
    super(inboxItems, ctx)
  }

  /** Archived items are left out unless the query names `is_archived`. */
  override getMulti(query: ListQuery): Promise<Page<InboxItem>> {
    if (query.filters.some(({ field }) => field === 'is_archived')) return super.getMulti(query)
    const unarchived = { field: 'is_archived', operator: 'eq' as const, value: false }
    return super.getMulti({ ...query, filters: [...query.filters, unarchived] })
  }

  /** How many items there are. What is unread is not counted but known: pages ask for it all the time. */
  async stats(): Promise<Kept & { unread_count: number; unread_by_type: Record<InboxItemType, number> }> {
    const unread = await new InboxCountersService(this.ctx).unread()
    const [kept] = await this.run<Kept>('stats', {}, () => {
      const { is_read, is_starred, is_archived } = inboxItems
      const count = (what: SQL) => sql<number>`(count(*) filter (where ${what}))::integer`
      return this.ctx.db
        .select({
          total_count: count(sql`not ${is_archived}`).as('total_count'),
          read_count: count(sql`${is_read} and not ${is_archived}`).as('read_count'),
          starred_count: count(sql`${is_starred} and not ${is_archived}`).as('starred_count'),
          archived_count: count(sql`${is_archived}`).as('archived_count'),
        })
        .from(inboxItems)
        .where(this.scope())
    })
    return { ...kept!, ...unread }
  }

  /** @throws AppError `not_found` */
  override async update(id: number, changes: InboxChanges): Promise<InboxItem> {
    if (Object.keys(changes).length === 0) return this.get(id)
    const [item] = await this.run<InboxItem>(
      `update ${Object.keys(changes).join()}`,
      { ...changes, $ids: [id] },
      () => {
        const { chosen, changed, also } = this.#changing(isGiven(inboxItems.id), changes)
        return this.ctx.db
          .with(chosen, changed, ...also)
          .select()
          .from(changed)
      },
    )
    if (!item) throw new AppError('not_found', 'Inbox item not found')
    const { company_id, is_read, is_archived, is_starred, priority } = item
    await this.#tell([{ company_id, data: { id, is_read, is_archived, is_starred, priority } }])
    return item
  }

  /** @throws AppError `not_found` */
  override async delete(id: number): Promise<void> {
    const [gone] = await this.#remove('ids', { $ids: [id] }, isGiven(inboxItems.id))
    if (!gone) throw new AppError('not_found', 'Inbox item not found')
    await this.#tell([{ company_id: gone.company_id, data: { id, is_deleted: true } }])
  }

  /** One statement, whatever the number of items. @returns how many it changed: what is so already is not counted */
  async bulk({ action, ids, filter }: Bulk): Promise<{ updated_count: number }> {
    const wanted = ids ? { key: 'ids', bound: { $ids: ids }, where: isGiven(inboxItems.id) } : found(filter ?? {})
    const counts =
      action === 'delete'
        ? await this.#remove(wanted.key, wanted.bound, wanted.where)
        : await this.#changeAll(wanted, CHANGES[action])
    await this.#tell(counts.map(({ company_id, n }) => ({ company_id, data: { action, updated_count: n } })))
    return { updated_count: counts.reduce((sum, { n }) => sum + n, 0) }
  }

  #changeAll({ key, bound, where }: Wanted, changes: InboxChanges): Promise<Count[]> {
    return this.run<Count>(`change ${Object.keys(changes).join()} of ${key}`, { ...bound, ...changes }, () => {
      const { chosen, changed, also } = this.#changing(and(where, isOther(changes)), changes)
      return this.ctx.db
        .with(chosen, changed, ...also)
        .select({ company_id: changed.company_id, n: sql<number>`count(*)`.as('n') })
        .from(changed)
        .groupBy(changed.company_id)
    })
  }

  #remove(key: string, bound: Record<string, unknown>, where: SQL | undefined): Promise<Count[]> {
    return this.run<Count>(`remove ${key}`, bound, () => {
      const { db } = this.ctx
      const chosen = this.#choose(where)
      const ids = db.select({ id: chosen.id }).from(chosen)
      const gone = db
        .$with('gone')
        .as(db.delete(inboxItems).where(inArray(inboxItems.id, ids)).returning({ company_id: inboxItems.company_id }))
      return db
        .with(chosen, gone)
        .select({ company_id: gone.company_id, n: sql<number>`count(*)`.as('n') })
        .from(gone)
        .groupBy(gone.company_id)
    })
  }

  /** The parts of a statement that changes items and, when they are read, their notifications. */
  #changing(where: SQL | undefined, changes: InboxChanges) {
    const { db } = this.ctx
    const chosen = this.#choose(where)
    const ids = db.select({ id: chosen.id }).from(chosen)
    const stamps = { updated_at: sql`now()`, ...('is_read' in changes && { read_at: readStamp(inboxItems.read_at) }) }
    const change = db.update(inboxItems).set({ ...placeholdersFor(changes), ...stamps })
    const changed = db.$with('changed').as(change.where(inArray(inboxItems.id, ids)).returning(getColumns(inboxItems)))
    if (!('is_read' in changes)) return { chosen, changed, also: [] }
    const is_read = sql.placeholder('is_read')
    const told = db
      .update(notifications)
      .set({ is_read: sql`${is_read}`, read_at: readStamp(notifications.read_at), updated_at: sql`now()` })
      .where(
        and(
          inArray(notifications.id, db.select({ id: chosen.notification_id }).from(chosen)),
          ne(notifications.is_read, is_read),
        ),
      )
    return { chosen, changed, also: [db.$with('told').as(told.returning({ id: notifications.id }))] }
  }

  #choose(where: SQL | undefined) {
    const { db } = this.ctx
    const { id, notification_id } = inboxItems
    const rows = db.select({ id, notification_id }).from(inboxItems).where(and(this.scope(), where))
    return db.$with('chosen').as(rows.orderBy(inOrder(id)).for('update'))
  }

  #tell(news: { company_id: number; data: Record<string, unknown> }[]): Promise<void> {
    const user_id = this.ctx.user?.id
    return emit(
      this.ctx.db,
      news.map((one) => ({ type: 'inbox:updated', user_id, ...one })),
    )
  }
}

interface Wanted {
  key: string
  bound: Record<string, unknown>
  where: SQL | undefined
}

/** Items by their fields; archived ones only where the filter says so, as in the list. */
function found(filter: InboxFilter): Wanted {
  const fields = Object.entries({ is_archived: false, ...filter })
  const columns = getColumns(inboxItems)
  return {
    key: fields.map(([name]) => name).join(),
    bound: Object.fromEntries(fields.map(([name, value]) => [`$${name}`, value])),
    where: and(...fields.map(([name]) => eq(columns[name as keyof InboxFilter], sql.placeholder(`$${name}`)))),
  }
}

/** What a change would make another thing of. */
const isOther = (changes: InboxChanges): SQL | undefined =>
  or(
    ...Object.keys(changes).map((name) =>
      ne(getColumns(inboxItems)[name as keyof InboxChanges], sql.placeholder(name)),
    ),
  )

import { type SQL, and, inArray, ne, sql } from 'drizzle-orm'
import { inboxItems, notifications } from '../../models/index.ts'
import type { Context } from '../context.ts'
import { emit } from '../live/emit.ts'
import { OwnRecordsService, inOrder, isGiven, readStamp } from '../own-records.ts'
import type { Row } from '../record.ts'

export type Notification = Row<typeof notifications>
type Count = { company_id: number; n: number }

/** Counting stops here. */
const MANY = 1000

/** What the caller was told in the company of the request. Who reads a notification has read its inbox item. */
export class NotificationService extends OwnRecordsService<typeof notifications> {
  protected override readonly search = ['title', 'description']

  constructor(ctx: Context) {
    super(notifications, ctx)
  }

  /** Counts what is unread, up to 1000. */
  async stats(): Promise<{ unread_count: number }> {
    const [counted] = await this.run<{ n: number }>('unread', {}, () => {
      const some = this.ctx.db
        .select({ id: notifications.id })
        .from(notifications)
        .where(and(this.scope(), sql`not ${notifications.is_read}`))
        .limit(MANY)
        .as('some')
      return this.ctx.db.select({ n: sql<number>`count(*)`.as('n') }).from(some)
    })
    return { unread_count: counted?.n ?? 0 }
  }

  /** @throws AppError `not_found` */
  override async update(id: number, { is_read }: { is_read: boolean }): Promise<Notification> {
    await this.#read(isGiven(notifications.id), 'ids', { $ids: [id], is_read })
    return this.get(id)
  }

  /** Of these ids or, without any, of all. One statement. @returns how many were unread */
  async readAll(ids?: number[]): Promise<{ updated_count: number }> {
    const counts = await (ids
      ? this.#read(isGiven(notifications.id), 'ids', { $ids: ids, is_read: true })
      : this.#read(undefined, 'all', { is_read: true }))
    return { updated_count: counts.reduce((sum, { n }) => sum + n, 0) }
  }

  async #read(where: SQL | undefined, key: string, bound: Record<string, unknown>): Promise<Count[]> {
    const counts = await this.run<Count>(`read ${key}`, bound, () => this.#reading(where))
    const { db, user } = this.ctx
    await emit(
      db,
      counts.map(({ company_id, n }) => ({
        type: 'inbox:updated',
        company_id,
        user_id: user?.id,
        data: { action: bound['is_read'] === true ? 'read' : 'unread', notifications: n },
      })),
    )
    return counts
  }

  /** Changes those that are not so yet, and their inbox items with them. */
  #reading(where: SQL | undefined) {
    const { db } = this.ctx
    const is_read = sql.placeholder('is_read')
    const rows = db
      .select({ id: notifications.id })
      .from(notifications)
      .where(and(this.scope(), where, ne(notifications.is_read, is_read)))
    const chosen = db.$with('chosen').as(rows.orderBy(inOrder(notifications.id)).for('update'))
    const ids = db.select({ id: chosen.id }).from(chosen)
    const set = { is_read: sql`${is_read}`, updated_at: sql`now()` }
    const change = db.update(notifications).set({ ...set, read_at: readStamp(notifications.read_at) })
    const changed = db
      .$with('changed')
      .as(change.where(inArray(notifications.id, ids)).returning({ company_id: notifications.company_id }))
    const changeItems = db.update(inboxItems).set({ ...set, read_at: readStamp(inboxItems.read_at) })
    const items = db
      .$with('items')
      .as(
        changeItems
          .where(and(inArray(inboxItems.notification_id, ids), ne(inboxItems.is_read, is_read)))
          .returning({ id: inboxItems.id }),
      )
    return db
      .with(chosen, changed, items)
      .select({ company_id: changed.company_id, n: sql<number>`count(*)`.as('n') })
      .from(changed)
      .groupBy(changed.company_id)
  }
}

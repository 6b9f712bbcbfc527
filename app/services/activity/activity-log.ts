import { AppError } from '../../core/errors.ts'
import { allows } from '../../core/permissions.ts'
import type { FieldKind } from '../../schemas/filter.ts'
import type { Filter, ListQuery, SortKey } from '../../schemas/list-query.ts'
import type { Context } from '../context.ts'
import type { Page } from '../record.ts'
import { ActivityRecords } from './activity-records.ts'
import { inEitherSpelling } from './entity-types.ts'
import { type ActivityLogRow, type PlacedActivity, recordActivity } from './record.ts'

/** What reading other people's entries takes. */
export const AUDIT = 'audit.read'

/** An entry of the context's company, unless another (or none) is named. */
export type NewActivity = Omit<PlacedActivity, 'company_id'> & { company_id?: number | null }

/** Who did what to what, and when. Rules are in docs/activity.md. */
export class ActivityLog {
  readonly #ctx: Context
  readonly #records: ActivityRecords

  constructor(ctx: Context) {
    this.#ctx = ctx
    this.#records = new ActivityRecords(ctx)
  }

  /** Writes an entry in the transaction of the context: it is there if the work is. */
  static create(ctx: Context, entry: NewActivity): Promise<ActivityLogRow> {
    return new ActivityLog(ctx).create(entry)
  }

  /** The newest entries about a record. */
  static async getByEntity(
    ctx: Context,
    { limit = 50, ...entity }: { entity_type: string; entity_id: number; limit?: number },
  ): Promise<ActivityLogRow[]> {
    return (await new ActivityLog(ctx).ofEntity(entity, newest(limit))).items
  }

  /** The newest entries of what somebody did. */
  static async getByUser(
    ctx: Context,
    { limit = 50, user_id }: { user_id: number; limit?: number },
  ): Promise<ActivityLogRow[]> {
    return (await new ActivityLog(ctx).ofUser(user_id, newest(limit))).items
  }

  async create(entry: NewActivity): Promise<ActivityLogRow> {
    const { db, user, session_id, request_id, company_id } = this.#ctx
    const [row] = await recordActivity(db, [
      { company_id, user_id: user?.id ?? null, session_id, request_id, ...entry },
    ])
    if (!row) throw new Error('The database returned no entry')
    return row
  }

  /** @throws AppError `not_found` */
  get(id: number): Promise<ActivityLogRow> {
    return this.#records.get(id)
  }

  /** The newest first, unless another order is asked for. */
  list(query: ListQuery): Promise<Page<ActivityLogRow>> {
    return this.#find(query, BY_TIME)
  }

  /** A record's timeline: by the index on company, record and id, so that the newest page costs the same however long it is. */
  ofEntity(
    { entity_type, entity_id }: { entity_type: string; entity_id: number },
    query: ListQuery,
  ): Promise<Page<ActivityLogRow>> {
    return this.#timeline(query, [equal('entity_type', entity_type), equal('entity_id', entity_id)])
  }

  /**
   * What somebody did. One's own needs no permission; the values that it changed do, since those of a record that one may not
   * read any more would be read here.
   * @throws AppError `permission_denied`
   */
  async ofUser(user_id: number, query: ListQuery): Promise<Page<ActivityLogRow>> {
    const { user, permissions } = this.#ctx
    const audits = allows(permissions, AUDIT)
    if (!audits && user?.id !== user_id) throw new AppError('permission_denied', `Missing permission: ${AUDIT}`)
    const page = await this.#timeline(query, [equal('user_id', user_id)])
    if (audits) return page
    const items = page.items.map((row) => ({ ...row, old_values: null, new_values: null, metadata: {} }))
    return { ...page, items }
  }

  #timeline(query: ListQuery, filters: Filter[]): Promise<Page<ActivityLogRow>> {
    return this.#find({ ...query, filters: [...query.filters, ...filters] }, BY_ID)
  }

  #find(query: ListQuery, usual: SortKey): Promise<Page<ActivityLogRow>> {
    const sort = query.sort.length > 0 ? query.sort : [usual]
    return this.#records.getMulti({ ...query, sort, filters: query.filters.map(inEitherSpelling) })
  }
}

const descending = (field: string, kind: FieldKind): SortKey => ({ field, kind, descending: true })
const BY_ID = descending('id', 'integer')
const BY_TIME = descending('created_at', 'datetime')
const equal = (field: string, value: unknown): Filter => ({ field, operator: 'eq', value })
const newest = (limit: number): ListQuery => ({ page: 1, page_size: limit, with_total: false, sort: [], filters: [] })

import { type SQL, and, eq, getTableName, sql } from 'drizzle-orm'
import { AppError } from '../core/errors.ts'
import { recordName } from '../db/errors.ts'
import { placeholdersFor } from '../db/statement.ts'
import { FIRST_PAGE, type ListQuery } from '../schemas/list-query.ts'
import { LIMIT, OFFSET, pageOf, windowOf } from './list-page.ts'
import { listStatement } from './list-statement.ts'
import type { CreateValues, Page, Row, ScopedTable, UpdateValues } from './record.ts'
import { ScopedService } from './scoped-service.ts'

export { COMPANY, USER, type View } from './scoped-service.ts'

/**
 * What every record can do, inside the company of its context. What is not there, deleted, or another company's is
 * `not_found`, all alike. A service says what it searches and, where that is not its company's rows, which rows are its
 * own (`ScopedService`); it overrides what it does otherwise, and calls `super` for the rest.
 *
 * One exception knows whether it did: `createAlone` saves a round trip as long as `create` is the one here.
 */
export class BaseCRUDService<T extends ScopedTable> extends ScopedService<T> {
  /** Text columns that `?q=` searches. */
  protected readonly search: readonly string[] = []

  /** @throws AppError `not_found` */
  async get(id: number): Promise<Row<T>> {
    const { db } = this.ctx
    const select = () => db.select().from(this.table).where(this.live(HAS_ID))
    const [row] = await db.unit.brief(() => this.run('get', { $id: id }, select))
    return row ?? this.#notFound()
  }

  /** One page and, unless unwanted, the count of all: two statements at most, whatever the size. */
  async getMulti(wanted: Partial<ListQuery> = {}): Promise<Page<Row<T>>> {
    const { db } = this.ctx
    const query = { ...FIRST_PAGE, ...wanted }
    const visible = () => (query.deleted ? this.deleted() : this.live())
    const list = listStatement(this.table, visible, this.search, query)
    const { shape, filters, after, orderBy, values } = list
    const page = () =>
      db
        .select()
        .from(this.table)
        .where(and(visible(), ...filters, after))
        .orderBy(...orderBy)
        .limit(LIMIT)
        .offset(OFFSET)
    const count = () =>
      db
        .select({ total: sql`count(*)`.as('total') })
        .from(this.table)
        .where(and(visible(), ...filters))
    const [rows, [counted]] = await Promise.all([
      this.run(`list ${shape}`, { ...values, ...windowOf(query, list) }, page),
      query.with_total ? this.run<{ total: number }>(`count ${shape}`, values, count) : [],
    ])
    return pageOf(rows, counted?.total ?? null, query, list)
  }

  /** @throws AppError `duplicate`, `invalid_reference` */
  async create(values: CreateValues<T>): Promise<Row<T>> {
    const { db, company_id, user } = this.ctx
    const by = user?.id ?? null
    const row = this.#known({ ...values, company_id, created_by: by, updated_by: by })
    const insert = () => db.insert(this.table).values(placeholdersFor(row)).returning()
    const [created] = await this.run(`create ${Object.keys(row).join()}`, row, insert)
    return created as Row<T>
  }

  /** `create` for a unit of work that does nothing else: one round trip, unless a service has made more of `create`. */
  createAlone(values: CreateValues<T>): Promise<Row<T>> {
    const isOneStatement = this.create === BaseCRUDService.prototype.create
    return isOneStatement ? this.ctx.db.unit.alone(() => this.create(values)) : this.create(values)
  }

  /**
   * Changes what is given: nothing, not its version either, where nothing is. With a `version`, only if the record still has it.
   * @throws AppError `not_found`, `stale_version`, `duplicate`, `invalid_reference`
   */
  async update(id: number, { version, ...values }: UpdateValues<T>): Promise<Row<T>> {
    const seen = this.#unchangedSince(version)
    const bound = { $id: id, $version: version }
    const where = this.live(HAS_ID, seen)
    const isEmpty = Object.keys(this.#known(values)).length === 0
    const [found] = isEmpty
      ? await this.run(seen ? 'get version' : 'get', bound, () => this.ctx.db.select().from(this.table).where(where))
      : await this.#change(seen ? 'update version' : 'update', where, values, bound)
    if (found) return found
    await this.get(id)
    throw new AppError('stale_version')
  }

  /**
   * Marks the record deleted or, without that mixin, removes it. With a `version`, only if the record still has it.
   * @throws AppError `not_found`, `stale_version`
   */
  async delete(id: number, version?: number): Promise<void> {
    const { db } = this.ctx
    const seen = this.#unchangedSince(version)
    const bound = { $id: id, $version: version }
    const where = this.live(HAS_ID, seen)
    const key = seen ? ' version' : ''
    const [gone] = this.columns['is_deleted']
      ? await this.#change(`delete${key}`, where, { is_deleted: true, deleted_at: new Date().toISOString() }, bound)
      : await this.run(`remove${key}`, bound, () => db.delete(this.table).where(where).returning())
    if (gone) return
    if (!seen) this.#notFound()
    await this.get(id)
    throw new AppError('stale_version')
  }

  /** Brings a deleted record back. @throws AppError `not_found`, `duplicate` when its key was taken meanwhile */
  async restore(id: number): Promise<Row<T>> {
    const [row] = await this.#change(
      'restore',
      this.deleted(HAS_ID),
      { is_deleted: false, deleted_at: null },
      { $id: id },
    )
    return row ?? this.#notFound()
  }

  /** That the record has the version that somebody has seen; nothing of a model that counts none. */
  #unchangedSince(version: number | undefined): SQL | undefined {
    const column = this.columns['version']
    return column && version !== undefined ? sql`${column} = ${sql.placeholder('$version')}` : undefined
  }

  /** Updates with its stamps: who, when, and the next version. */
  #change(key: string, where: SQL | undefined, values: object, bound: Record<string, unknown>): Promise<Row<T>[]> {
    const { db, user } = this.ctx
    const change = this.#known({ ...values, updated_by: user?.id ?? null })
    const stamps = this.#known({ updated_at: sql`now()`, version: sql`${this.columns['version']} + 1` })
    const set = () => ({ ...placeholdersFor(change), ...stamps })
    const update = () => db.update(this.table).set(set()).where(where).returning()
    return this.run(`${key} ${Object.keys(change).join()}`, { ...change, ...bound }, update)
  }

  /** Only the columns that this table has: not every model has every mixin. */
  #known(values: object): Record<string, unknown> {
    const entries = Object.entries(values)
    return Object.fromEntries(entries.filter(([name, value]) => this.columns[name] && value !== undefined))
  }

  #notFound(): never {
    throw new AppError('not_found', `${recordName(getTableName(this.table))} not found`)
  }
}

const HAS_ID = eq(sql`id`, sql.placeholder('$id'))

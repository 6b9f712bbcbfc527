import { type SQL, and, eq, getColumns, getTableName, not, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { AppError } from '../core/errors.ts'
import { recordName } from '../db/errors.ts'
import { type Buildable, placeholdersFor, runStatement } from '../db/statement.ts'
import type { ListQuery } from '../schemas/list-query.ts'
import type { Context } from './context.ts'
import { encodeCursor } from './cursor.ts'
import { listStatement } from './list-statement.ts'
import type { CreateValues, Page, Row, ScopedTable, UpdateValues } from './record.ts'

/**
 * What every record can do, inside the company of its context. What is not there, deleted, or another company's is
 * `not_found`, all alike. Statements are built once and prepared; what differs between calls is bound.
 */
export class BaseCRUDService<T extends ScopedTable> {
  protected readonly ctx: Context
  /** Text columns that `?q=` searches. */
  protected readonly search: readonly string[] = []
  readonly #table: PgTable
  readonly #columns: Record<string, PgColumn>

  constructor(table: T, ctx: Context) {
    this.#table = table
    this.#columns = getColumns(table) as Record<string, PgColumn>
    this.ctx = ctx
  }

  /**
   * The first wall: every statement carries the company. The second is the database's row-level security. A superuser who
   * works across all companies has neither.
   */
  protected inCompany(): SQL | undefined {
    return sql`${this.#columns['company_id']} = ${COMPANY}`
  }

  /** Which of the company's rows the caller sees, where that is not all of them; for superusers who work everywhere, too. */
  protected view(): View {
    return ALL
  }

  /** @throws AppError `not_found` */
  async get(id: number): Promise<Row<T>> {
    const [row] = await this.run('get', { $id: id }, () =>
      this.#db.select().from(this.#table).where(this.#live(HAS_ID)),
    )
    return row ?? this.#notFound()
  }

  /** One page and, unless unwanted, the count of all: two statements at most, whatever the size. */
  async getMulti(query: ListQuery): Promise<Page<Row<T>>> {
    const { shape, filters, after, orderBy, sort, cursor, values } = listStatement(
      this.#table,
      this.scope(),
      this.search,
      query,
    )
    const { page_size, with_total } = query
    const page = cursor?.page ?? query.page
    // One row more than the page tells whether another page follows.
    const window = { $limit: page_size + 1, $offset: cursor ? 0 : (page - 1) * page_size }
    const list = () => {
      const rows = this.#db
        .select()
        .from(this.#table)
        .where(this.#live(...filters, after))
        .orderBy(...orderBy)
      return rows.limit(sql.placeholder('$limit')).offset(sql.placeholder('$offset'))
    }
    const count = () =>
      this.#db
        .select({ total: sql`count(*)`.as('total') })
        .from(this.#table)
        .where(this.#live(...filters))
    const [rows, [counted]] = await Promise.all([
      this.run(`list ${shape}`, { ...values, ...window }, list),
      with_total ? this.run<{ total: number }>(`count ${shape}`, values, count) : [],
    ])
    const items = rows.slice(0, page_size)
    const last = rows.length > page_size ? items.at(-1) : undefined
    const next_cursor = last ? encodeCursor(last, sort, page + 1) : null
    return { total: counted?.total ?? null, items, page, page_size, next_cursor }
  }

  /** @throws AppError `duplicate`, `invalid_reference` */
  async create(values: CreateValues<T>): Promise<Row<T>> {
    const by = this.ctx.user?.id ?? null
    const row = this.#known({ ...values, company_id: this.ctx.company_id, created_by: by, updated_by: by })
    const insert = () => this.#db.insert(this.#table).values(placeholdersFor(row)).returning()
    const [created] = await this.run(`create ${Object.keys(row).join()}`, row, insert)
    return created as Row<T>
  }

  /** `create` for a unit of work that does nothing else: one round trip less, unless a service has made more of `create`. */
  createAlone(values: CreateValues<T>): Promise<Row<T>> {
    const { prototype } = BaseCRUDService
    const isOneStatement = this.create === prototype.create && this.run === prototype.run
    return isOneStatement ? this.#db.unit.alone(() => this.create(values)) : this.create(values)
  }

  /**
   * Changes what is given: nothing, not its version either, where nothing is. With a `version`, only if the record still has it.
   * @throws AppError `not_found`, `stale_version`, `duplicate`, `invalid_reference`
   */
  async update(id: number, { version, ...values }: UpdateValues<T>): Promise<Row<T>> {
    const seen = version === undefined ? undefined : sql`${this.#columns['version']} = ${sql.placeholder('$version')}`
    const where = this.#live(HAS_ID, seen)
    const bound = { $id: id, $version: version }
    const isEmpty = Object.keys(this.#known(values)).length === 0
    const [found] = isEmpty
      ? await this.run(seen ? 'get version' : 'get', bound, () => this.#db.select().from(this.#table).where(where))
      : await this.#change(seen ? 'update version' : 'update', where, values, bound)
    if (found) return found
    await this.get(id)
    throw new AppError('stale_version')
  }

  /** Marks the record deleted or, without that mixin, removes it. @throws AppError `not_found` */
  async delete(id: number): Promise<void> {
    const where = this.#live(HAS_ID)
    const [gone] = this.#columns['is_deleted']
      ? await this.#change('delete', where, { is_deleted: true, deleted_at: new Date().toISOString() }, { $id: id })
      : await this.run('remove', { $id: id }, () => this.#db.delete(this.#table).where(where).returning())
    if (!gone) this.#notFound()
  }

  /** Brings a deleted record back. @throws AppError `not_found`, `duplicate` when its key was taken meanwhile */
  async restore(id: number): Promise<Row<T>> {
    const where = and(this.scope(), HAS_ID, this.#columns['is_deleted'])
    const [row] = await this.#change('restore', where, { is_deleted: false, deleted_at: null }, { $id: id })
    return row ?? this.#notFound()
  }

  /** Updates with its stamps: who, when, and the next version. */
  #change(key: string, where: SQL | undefined, values: object, bound: Record<string, unknown>): Promise<Row<T>[]> {
    const change = this.#known({ ...values, updated_by: this.ctx.user?.id ?? null })
    const stamps = this.#known({ updated_at: sql`now()`, version: sql`${this.#columns['version']} + 1` })
    const update = () =>
      this.#db
        .update(this.#table)
        .set({ ...placeholdersFor(change), ...stamps })
        .where(where)
        .returning()
    return this.run(`${key} ${Object.keys(change).join()}`, { ...change, ...bound }, update)
  }

  /** Runs a statement of this service; `key` determines its text within the service. */
  protected async run<R = Row<T>>(key: string, values: Record<string, unknown>, build: () => Buildable): Promise<R[]> {
    const { everywhere, company_id, user } = this.ctx
    const name = `${getTableName(this.#table)} ${this.constructor.name}${everywhere ? ' everywhere' : ''} ${this.view().key} ${key}`
    const bound = { ...values, $company_id: company_id, $user_id: user?.id ?? null }
    const { rows } = await runStatement<R>(this.#db, name, build, bound)
    return rows
  }

  /** The company's rows, of them those that the caller sees. */
  protected scope(): SQL | undefined {
    return and(this.ctx.everywhere ? undefined : this.inCompany(), this.view().where)
  }

  /** Rows of this company that are not deleted. */
  #live(...conditions: (SQL | undefined)[]): SQL | undefined {
    return and(this.scope(), this.#columns['is_deleted'] && not(this.#columns['is_deleted']), ...conditions)
  }

  /** Only the columns that this table has: not every model has every mixin. */
  #known(values: object): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(values).filter(([name, value]) => this.#columns[name] && value !== undefined),
    )
  }

  get #db() {
    return this.ctx.db
  }

  #notFound(): never {
    throw new AppError('not_found', `${recordName(getTableName(this.#table))} not found`)
  }
}

/** A condition of a service's statements. They are kept: `key` determines its text, and what it binds are placeholders. */
export interface View {
  key: string
  where: SQL | undefined
}
const ALL: View = { key: '', where: undefined }

/** The request's company, where a statement of a service names it. */
export const COMPANY = sql.placeholder('$company_id')
/** The request's user, likewise. */
export const USER = sql.placeholder('$user_id')
const HAS_ID = eq(sql`id`, sql.placeholder('$id'))

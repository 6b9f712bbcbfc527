import { type SQL, sql } from 'drizzle-orm'
import {
  type AnyPgColumnBuilder,
  type PgBuildExtraConfigColumns,
  type PgTableExtraConfigValue,
  pgPolicy,
  pgRole,
  type PgTable,
  pgTable,
  uniqueIndex,
} from 'drizzle-orm/pg-core'

/** The role of requests: sees one company's rows. */
export const fastvueApp = pgRole('fastvue_app').existing()
/** The role of trusted work that spans companies: log-in, commands, jobs. */
export const fastvueSystem = pgRole('fastvue_system').existing()

// As a sub-select PostgreSQL reads the setting once per statement; bare, once per row.
export const currentCompany = sql`(select nullif(current_setting('app.company_id', true), '')::bigint)`
const inCompany = sql`company_id = ${currentCompany}`
const everything = sql`true`

/** Features of a model that need no column: the keys under which the mixins of `base.ts` leave a mark. */
export const ACTIVITY = Symbol('activity')
export const MAIL_THREAD = Symbol('mail thread')
const features = new WeakMap<PgTable, Record<symbol, unknown>>()

/** Whether a model was made with a feature's mixin. */
export const hasFeature = (table: PgTable, feature: symbol): boolean => featureOf(table, feature) !== undefined

/** What a feature's mixin was given for a model: `true` where nothing is told, undefined without the mixin. */
export const featureOf = (table: PgTable, feature: symbol): unknown => features.get(table)?.[feature]

type Columns = Record<string, AnyPgColumnBuilder>
type Extras<C extends Columns> = (table: PgBuildExtraConfigColumns<C>) => PgTableExtraConfigValue[]

/** What requests may see and do in a table whose rows are no company's own. */
interface Visibility {
  /** Rows that the request's company may see. */
  read: SQL
  /** Rows that it may insert, change and delete; none by default. */
  write?: SQL
  /** Rows that it may insert, and then neither change nor delete. */
  add?: SQL
}

/**
 * A table of rows that companies share or that belong to them through another table: users, roles, links. Row-level security
 * by the given conditions comes with it. A sub-select in one sees what the request may see of that other table.
 */
export function sharedTable<N extends string, C extends Columns>(
  name: N,
  columns: C,
  { read, write, add }: Visibility,
  extras?: Extras<C>,
) {
  return pgTable(name, columns, (self) => [
    pgPolicy(`${name}_read`, { for: 'select', to: fastvueApp, using: read }),
    ...(write ? [pgPolicy(`${name}_write`, { for: 'all', to: fastvueApp, using: write, withCheck: write })] : []),
    ...(add ? [pgPolicy(`${name}_add`, { for: 'insert', to: fastvueApp, withCheck: add })] : []),
    pgPolicy(`${name}_system`, { for: 'all', to: fastvueSystem, using: everything, withCheck: everything }),
    ...(extras?.(self) ?? []),
  ])
}

/** A table that belongs to no company. Requests (`fastvue_app`) cannot touch it; trusted work can. */
export const systemTable: typeof pgTable = pgTable

/**
 * A table whose rows each belong to one company: row-level security on `company_id` and an index led by it come with it.
 * `company_id` is NOT NULL with a foreign key (`companyScopedMixin`).
 */
export function companyTable<
  N extends string,
  C extends Columns & { id: AnyPgColumnBuilder; company_id: AnyPgColumnBuilder },
>(name: N, columns: C, extras?: Extras<C>) {
  const table = pgTable(name, columns, (self) => [
    uniqueIndex(`${name}_company_id_id_key`).on(self.company_id, self.id), // what other company tables refer to
    pgPolicy(`${name}_company`, { for: 'all', to: fastvueApp, using: inCompany, withCheck: inCompany }),
    pgPolicy(`${name}_system`, { for: 'all', to: fastvueSystem, using: everything, withCheck: everything }),
    ...(extras?.(self) ?? []),
  ])
  features.set(
    table,
    Object.fromEntries(Object.getOwnPropertySymbols(columns).map((mark) => [mark, Reflect.get(columns, mark)])),
  )
  return table
}

import { sql } from 'drizzle-orm'
import { bigint, boolean, customType, integer, jsonb, uuid, varchar } from 'drizzle-orm/pg-core'

/** A moment, UTC, to the millisecond: as precise in the database as in JSON, so that a cursor made of it skips no row. */
export const timestamptz = customType<{ data: string; driverData: string }>({
  dataType: () => 'timestamp(3) with time zone',
})

/** A 64-bit integer that is a JSON number. */
export const bigintNumber = () => bigint({ mode: 'number' })

/**
 * `id`: grows with time and tells nothing else. Of a plain counter, which all companies share, the gaps would tell each how
 * much the others do. `new_id()` is made by migration 0005.
 */
export const idMixin = () => ({
  id: bigintNumber()
    .primaryKey()
    .default(sql`new_id()`),
})

/**
 * `uid`: what a row is called in files, where ids mean nothing. Grows with time (UUID version 7, RFC 9562), so that its index
 * is written at one end. `new_uid()` is made by migration 0006.
 */
export const uidMixin = () => ({
  uid: uuid()
    .notNull()
    .default(sql`new_uid()`),
})

/** `created_at`, `updated_at` */
export const timestampMixin = () => ({
  created_at: timestamptz()
    .notNull()
    .default(sql`now()`),
  updated_at: timestamptz()
    .notNull()
    .default(sql`now()`),
})

/** `is_deleted`, `deleted_at`: `BaseCRUDService.delete` marks the row, `restore` brings it back. */
export const softDeleteMixin = () => ({ is_deleted: boolean().notNull().default(false), deleted_at: timestamptz() })

/** `is_active` */
export const activeMixin = () => ({ is_active: boolean().notNull().default(true) })

/** `metadata`: whatever a company wants to keep with a record. */
export const metadataMixin = () => ({ metadata: jsonb().$type<Record<string, unknown>>().notNull().default({}) })

/** `version`: counts changes; an update that names an old one is refused (409). */
export const versionMixin = () => ({ version: integer().notNull().default(1) })

/** `url`, `url_label` */
export const urlMixin = () => ({ url: varchar({ length: 2000 }), url_label: varchar({ length: 255 }) })

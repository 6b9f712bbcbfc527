import { getTableName, is } from 'drizzle-orm'
import { PgTable } from 'drizzle-orm/pg-core'
import { allows, PERMISSIONS } from '../../core/permissions.ts'
import { recordName } from '../../db/errors.ts'
import * as models from '../../models/index.ts'
import { MAIL_THREAD, hasFeature } from '../../models/base.ts'

/** A model whose records have threads. */
export interface ThreadedModel {
  table: PgTable
  /** What reading its records takes: `product.read`. */
  permission: string
}

const READING = new Set(PERMISSIONS.filter(({ action }) => action === 'read').map(({ name }) => name))

/** Every model with `mailThreadMixin`, by its table's name. One whose reading is not permitted by name has no threads. */
export const THREADED: ReadonlyMap<string, ThreadedModel> = new Map(
  Object.values(models).flatMap((table) => {
    if (!is(table, PgTable) || !hasFeature(table, MAIL_THREAD)) return []
    const name = getTableName(table)
    const permission = [`${resourceOf(name)}.read`, `${name}.read`].find((one) => READING.has(one))
    return permission ? [[name, { table, permission }] as const] : []
  }),
)

/** The models whose records somebody with these permissions may read. */
export const readable = (permissions: ReadonlySet<string>): string[] =>
  [...THREADED].filter(([, { permission }]) => allows(permissions, permission)).map(([name]) => name)

// Declared, not a constant: THREADED calls it while this file is read.
function resourceOf(table: string): string {
  return recordName(table).toLowerCase().replaceAll(' ', '_')
}

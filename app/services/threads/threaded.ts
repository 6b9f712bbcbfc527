import { getTableName, is } from 'drizzle-orm'
import { PgTable } from 'drizzle-orm/pg-core'
import { allows, PERMISSIONS } from '../../core/permissions.ts'
import * as models from '../../models/index.ts'
import { MAIL_THREAD, featureOf } from '../../models/base.ts'
import { resourceOf } from './resource.ts'

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
    const permission = is(table, PgTable) ? readingOf(table) : undefined
    return permission ? [[getTableName(table as PgTable), { table: table as PgTable, permission }] as const] : []
  }),
)

/** What reading a model's records takes, if they have threads: of the resource that the model tells, or its name gives. */
export function readingOf(table: PgTable): string | undefined {
  const told = featureOf(table, MAIL_THREAD)
  if (told === undefined) return undefined
  const name = getTableName(table)
  const resources = typeof told === 'string' ? [told] : [resourceOf(name), name]
  return resources.map((resource) => `${resource}.read`).find((one) => READING.has(one))
}

/** The models whose records somebody with these permissions may read. */
export const readable = (permissions: ReadonlySet<string>): string[] =>
  [...THREADED].filter(([, { permission }]) => allows(permissions, permission)).map(([name]) => name)

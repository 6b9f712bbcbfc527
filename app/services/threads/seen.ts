import { type SQL, and, eq, isNull, not, or, sql } from 'drizzle-orm'
import { type PgColumn, type PgTable, getTableConfig } from 'drizzle-orm/pg-core'
import { allows } from '../../core/permissions.ts'
import type { View } from '../base.ts'
import { INTERNAL } from './records.ts'
import { THREADED, readable } from './threaded.ts'

/** Columns of a row that may be about a record. */
interface About {
  company_id: PgColumn
  model_name: PgColumn
  record_id: PgColumn
  is_internal: PgColumn
}

/** Records of which models somebody with these permissions may read, whether internal messages too, and a key of both. */
export function sightOf(permissions: ReadonlySet<string>) {
  const models = readable(permissions)
  const internal = allows(permissions, INTERNAL)
  return { models, internal, key: `${models.join()}${internal ? ' internal' : ''}` }
}

/**
 * Rows about records that somebody with these permissions may read now, and rows about no record. What comes from internal
 * messages only for who may read those. For statements that are kept: it binds nothing but names of models, which its key has.
 */
export function seenBy(
  permissions: ReadonlySet<string>,
  { company_id, model_name, record_id, is_internal }: About,
): View {
  const { models, internal, key } = sightOf(permissions)
  const cases = models.map((name) => {
    const { table } = THREADED.get(name)!
    const there = and(eq(column(table, 'id'), record_id), eq(column(table, 'company_id'), company_id), live(table))
    return sql`(${model_name} = ${name} and exists (select from ${table} where ${there}))`
  })
  return {
    key,
    where: and(or(isNull(model_name), ...cases), internal ? undefined : not(is_internal)),
  }
}

const column = (table: PgTable, name: string): PgColumn => {
  const found = getTableConfig(table).columns.find((one) => one.name === name)
  if (!found) throw new Error(`A model with threads has no column ${name}`)
  return found
}

function live(table: PgTable): SQL | undefined {
  const deleted = getTableConfig(table).columns.find(({ name }) => name === 'is_deleted')
  return deleted && not(deleted)
}

import { inArray, sql } from 'drizzle-orm'
import { AppError } from '../core/errors.ts'
import { canonical } from '../core/permissions.ts'
import { idSet, textSet } from '../db/bulk.ts'
import type { Db } from '../db/session.ts'
import { permissions } from '../models/index.ts'

/** The permissions that a body names, in either spelling, each once. */
export interface NamedPermissions {
  ids: number[]
  /** Canonical and sorted. */
  names: string[]
}

/** @throws AppError `validation_error` that points at each entry of `body.permissions` that names none */
export async function findPermissions(db: Db, given: readonly string[]): Promise<NamedPermissions> {
  const wanted = given.map(canonical)
  const found = await db
    .select({ id: permissions.id, name: permissions.name })
    .from(permissions)
    .where(inArray(permissions.name, textSet(wanted)))
  const known = new Set(found.map(({ name }) => name))
  const faults = given.flatMap((name, index) =>
    known.has(canonical(name))
      ? []
      : [{ loc: ['body', 'permissions', index], msg: `no permission "${name}"`, type: 'unknown_permission' }],
  )
  if (faults.length) throw new AppError('validation_error', faults)
  return { ids: found.map(({ id }) => id), names: [...known].toSorted() }
}

type Owner = 'role' | 'group'

/** The permissions of many roles or groups, sorted by name: one statement, however many there are. */
export async function permissionNames(db: Db, owner: Owner, ids: number[]): Promise<ReadonlyMap<number, string[]>> {
  const owner_id = sql.identifier(`${owner}_id`)
  const { rows } = await db.execute<{ id: number; names: string[] }>(sql`
    select ${owner_id} as id, jsonb_agg(p.name) as names
    from ${sql.identifier(`${owner}_permissions`)} join permissions p on p.id = permission_id
    where ${owner_id} in ${idSet(ids)} group by ${owner_id}`)
  return new Map(rows.map(({ id, names }) => [id, names.toSorted()]))
}

/** Where permissions come from: whether it is switched on, and what it lists. */
interface Source {
  is_active: boolean
  permissions: readonly string[]
}

/** What a change of a role or group gives to whoever has it: what it adds or, switching it on, all of it. */
export function granted(before: Source, after: Source): readonly string[] {
  if (after.is_active && !before.is_active) return after.permissions
  return after.permissions.filter((name) => !before.permissions.includes(name))
}

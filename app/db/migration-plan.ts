import { MigrationError } from './migration-error.ts'
import type { Migration } from './migration-files.ts'
import { findMigration, withAncestors } from './migration-graph.ts'

export interface Step {
  direction: 'apply' | 'revert'
  migration: Migration
}

/** The target before the first migration. */
export const ZERO = 'zero'

/**
 * The steps from what is applied to a target: everything (the default), exactly one migration with all it builds on, or
 * `zero`. What has to go goes first, in reverse order.
 * @throws MigrationError for an unknown target, or when something has to go that the tree may know too little about.
 */
export function planSteps(migrations: Migration[], applied: ReadonlySet<string>, target?: string): Step[] {
  const wanted = wantedNames(migrations, target)
  const isApplied = ({ name }: Migration) => applied.has(name)
  const toRevert = migrations.filter((one) => isApplied(one) && !wanted.has(one.name)).toReversed()
  const toApply = migrations.filter((one) => !isApplied(one) && wanted.has(one.name))
  const lost = lostNames(migrations, applied)
  if (toRevert.length > 0 && lost.length > 0)
    throw new MigrationError(
      `The database has ${lost.join(', ')}, which may build on what would be reverted; bring its files back first`,
    )
  return [
    ...toRevert.map((migration): Step => ({ direction: 'revert', migration })),
    ...toApply.map((migration): Step => ({ direction: 'apply', migration })),
  ]
}

/** What the database has applied and the tree no longer has. */
export function lostNames(migrations: Migration[], applied: ReadonlySet<string>): string[] {
  const known = new Set(migrations.map(({ name }) => name))
  return [...applied].filter((name) => !known.has(name))
}

function wantedNames(migrations: Migration[], target: string | undefined): Set<string> {
  if (target === ZERO) return new Set()
  if (target === undefined) return new Set(migrations.map(({ name }) => name))
  return withAncestors(migrations, [findMigration(migrations, target).name])
}

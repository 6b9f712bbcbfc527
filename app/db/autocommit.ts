import type { Engine } from './engine.ts'
import type { Scope } from './scope.ts'
import { type Db, type UnitOfWork, inUnitOfWork, openDrizzle } from './session.ts'

/**
 * Drizzle for a person at a prompt: each statement is a unit of work of its own, committed at once, so that nothing stays
 * open, and nobody waits, while the person thinks. `transaction` makes one unit of several statements.
 */
export function autocommit(engine: Engine, scope: Scope) {
  const run = <R>(work: (unit: UnitOfWork) => Promise<R>) => inUnitOfWork(engine, scope, work)
  const db = openDrizzle({ query: (query, values) => run((unit) => unit.query(query, values)) })
  return Object.assign(db, { transaction: <R>(work: (tx: Db) => Promise<R>) => run((unit) => work(unit.db)) })
}

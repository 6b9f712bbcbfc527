import { type SQL, sql } from 'drizzle-orm'
import type { Engine } from '../../app/db/engine.ts'
import type { Context } from '../../app/services/context.ts'
import { expect } from './fixtures.ts'

interface World {
  engine: Engine
  trusted: <R>(work: (ctx: Context) => Promise<R>) => Promise<R>
}

/**
 * Makes calls that all have looked before any of them writes: what they write to is locked by `hold` until every one of
 * them waits. (The embedded database runs one transaction after the other: there they wait for all of it.)
 */
export async function atOnce<R>({ engine, trusted }: World, hold: SQL, calls: (() => PromiseLike<R>)[]): Promise<R[]> {
  const { done } = await trusted(async ({ db }) => {
    await db.execute(hold)
    const started = Promise.all(calls.map(async (call) => call()))
    if (engine.kind === 'server') await expect.poll(() => waiting(db), { timeout: 60_000 }).toBe(calls.length)
    return { done: started }
  })
  return done
}

/** How many connections to this database wait for a lock. */
async function waiting(db: Context['db']): Promise<number> {
  await db.execute(sql`select pg_stat_clear_snapshot()`)
  const { rows } = await db.unit.query({
    text: `select count(distinct l.pid) as waiting from pg_locks l join pg_stat_activity a on a.pid = l.pid
      where not l.granted and a.datname = current_database()`,
  })
  return Number(rows[0]?.['waiting'])
}

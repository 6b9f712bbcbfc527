import { sql } from 'drizzle-orm'
import type { Db } from './session.ts'

/** Lets work on one thing, named by `what`, happen one after the other in all processes, until this transaction ends. */
export async function takeTurn(db: Db, what: string): Promise<void> {
  await db.execute(sql`select pg_advisory_xact_lock(hashtextextended(${what}, 0))`)
}

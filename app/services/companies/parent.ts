import { eq, sql } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import { takeTurn } from '../../db/advisory-lock.ts'
import type { Db } from '../../db/session.ts'
import { companies } from '../../models/index.ts'
import type { Context } from '../context.ts'
import { holds } from '../users/rights.ts'

/**
 * A company goes below one that the caller may change. One that is not there gets the answer of one that is not theirs.
 * @throws AppError `company_forbidden`
 */
export async function demandMayAdopt(db: Db, ctx: Context, parent_id: number): Promise<void> {
  if (!holds(ctx, 'company.update', parent_id)) throw new AppError('company_forbidden')
  const [found] = await db.select({ id: companies.id }).from(companies).where(eq(companies.id, parent_id))
  if (!found) throw new AppError('company_forbidden')
}

/**
 * No company is its own ancestor, at any depth. One change of the tree at a time: two that are harmless alone could close
 * a circle together.
 * @throws AppError `bad_request`
 */
export async function demandNoCycle(db: Db, company_id: number, parent_id: number): Promise<void> {
  await takeTurn(db, 'tree of companies')
  const isAncestor = sql<boolean>`${company_id} in (
    with recursive ancestor (id) as (
      select ${parent_id}::bigint
      union
      select c.parent_company_id from companies c join ancestor on ancestor.id = c.id where c.parent_company_id is not null
    )
    select id from ancestor)`
  const [found] = await db.select({ isAncestor }).from(companies).where(eq(companies.id, company_id))
  if (found?.isAncestor) throw new AppError('bad_request', 'A company cannot be below itself')
}

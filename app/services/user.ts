import { eq, getColumns, sql } from 'drizzle-orm'
import { AppError } from '../core/errors.ts'
import { users } from '../models/index.ts'
import { userProfiles } from '../models/user.ts'
import type { ListQuery } from '../schemas/list-query.ts'
import { endSessionsOf } from './auth/sessions.ts'
import type { Context } from './context.ts'
import { recordUserChange } from './users/activity.ts'
import { type UserChanges, changeUser, changesIdentity, differing } from './users/change.ts'
import { type NewUser, createUser } from './users/create.ts'
import { permissionsOf, rolesOf } from './users/detail.ts'
import { type NameScope, demandNamesFree, takeNames } from './users/names.ts'
import { UserRecords, shown } from './users/records.ts'
import {
  companiesOf,
  demandInEveryCompany,
  demandMayFlag,
  demandMayTouch,
  demandNotStronger,
  lockUser,
  visibleTo,
} from './users/rights.ts'
import { demandAnotherSuperuser } from './users/superusers.ts'

/**
 * The people of the context's company. Rules are in docs/users-and-companies.md. What is not there, deleted, or of other
 * companies only is `not_found`; each method that names a user throws it.
 */
export class UserService {
  readonly #ctx: Context
  readonly #records: UserRecords

  constructor(ctx: Context) {
    this.#ctx = ctx
    this.#records = new UserRecords(ctx)
  }

  async list(query: ListQuery) {
    const page = await this.#records.getMulti(query)
    return { ...page, items: page.items.map((row) => shown(this.#ctx, row)) }
  }

  /** With roles, in the companies that the caller sees, and what they permit in the context's. */
  async get(id: number) {
    const row = await this.#records.get(id)
    const [company_roles, permissions] = await Promise.all([rolesOf(this.#ctx, id), permissionsOf(this.#ctx, row)])
    return { ...shown(this.#ctx, row), company_roles, permissions }
  }

  /** @throws AppError `validation_error`, `duplicate`, `invalid_reference`, `permission_denied` */
  async create(values: NewUser) {
    return shown(this.#ctx, await createUser(this.#ctx, values))
  }

  /** @throws AppError `permission_denied`, `duplicate`, `bad_request`, `conflict` */
  async update(id: number, given: UserChanges) {
    const seen = await this.#records.get(id)
    const changes = differing(seen, given)
    demandMayTouch(this.#ctx, seen)
    demandMayFlag(this.#ctx, changes)
    if (changes.is_active === false) this.#demandNotSelf(id, 'deactivate')
    const row = await this.#ctx.trusted(async (db) => {
      const falls = changes.is_active === false || changes.is_superuser === false
      if (seen.is_superuser && falls) await demandAnotherSuperuser(db, id)
      await lockUser(db, seen)
      if (changesIdentity(changes)) await demandInEveryCompany(db, this.#ctx, id, 'user.update')
      if (changes.email !== undefined && id !== this.#ctx.user?.id) await demandNotStronger(db, this.#ctx, id)
      const changed = await changeUser(db, seen, changes, this.#scope(await companiesOf(db, id)))
      await recordUserChange(this.#ctx, db, 'update', changed, { before: seen, changes })
      return changed
    })
    return shown(this.#ctx, row)
  }

  /**
   * Marks the user deleted and logs them out; others may have their names.
   * @throws AppError `permission_denied`, `bad_request`, `conflict`
   */
  async delete(id: number): Promise<void> {
    const seen = await this.#records.get(id)
    demandMayTouch(this.#ctx, seen)
    this.#demandNotSelf(id, 'delete')
    await this.#ctx.trusted(async (db) => {
      if (seen.is_superuser) await demandAnotherSuperuser(db, id)
      await lockUser(db, seen)
      await demandInEveryCompany(db, this.#ctx, id, 'user.delete')
      await db
        .update(users)
        .set({ is_deleted: true, deleted_at: NOW, owns_email: false, owns_username: false, updated_at: NOW })
        .where(eq(users.id, id))
      await endSessionsOf(db, id)
      await recordUserChange(this.#ctx, db, 'delete', seen)
    })
  }

  /** Brings a deleted user back, with their names. @throws AppError `permission_denied`, `duplicate`, `conflict` */
  async restore(id: number) {
    const seen = await this.#records.getDeleted(id)
    demandMayTouch(this.#ctx, seen)
    const row = await this.#ctx.trusted(async (db) => {
      await lockUser(db, seen)
      await demandInEveryCompany(db, this.#ctx, id, 'user.delete')
      await demandNamesFree(db, seen, this.#scope(await companiesOf(db, id)), id)
      const [restored] = await takeNames(
        db,
        seen,
        (savepoint, owned) =>
          savepoint
            .update(users)
            .set({ is_deleted: false, deleted_at: null, ...owned, updated_at: NOW })
            .where(eq(users.id, id))
            .returning(getColumns(userProfiles)),
        id,
      )
      if (!restored) throw new AppError('conflict')
      await recordUserChange(this.#ctx, db, 'restore', restored)
      return restored
    })
    return shown(this.#ctx, row)
  }

  /** Among whom, and where, names must be unique. */
  #scope(companies: number[]): NameScope {
    return { visible: visibleTo(this.#ctx), companies: [this.#ctx.company_id, ...companies] }
  }

  #demandNotSelf(id: number, action: string): void {
    if (id === this.#ctx.user?.id) throw new AppError('bad_request', `You cannot ${action} your own account`)
  }
}

const NOW = sql`now()`

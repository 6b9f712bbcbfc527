import { eq, getColumns } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import type { Db } from '../../db/session.ts'
import { users } from '../../models/index.ts'
import { userProfiles } from '../../models/user.ts'
import { type Context, type CurrentUser, demandUser } from '../context.ts'
import { recordUserChange } from './activity.ts'
import { type Profile, changeUser, changesIdentity, differing } from './change.ts'
import { ownUser } from './own-user.ts'
import { companiesOf, demandMayChangeIdentity, lockUser, visibleTo } from './rights.ts'

/** The caller's own account, which depends on no company: by their id, so that it is never another's. */
export class OwnProfileService {
  readonly #ctx: Context

  constructor(ctx: Context) {
    this.#ctx = ctx
  }

  async get() {
    return this.#ctx.trusted(async (db) => ownUser(db, await this.#read(db), this.#ctx.company_id))
  }

  /**
   * The profile is one's own; the e-mail address is the identity that companies know one by, and has their rule.
   * @throws AppError `permission_denied`, `duplicate`
   */
  async update(given: Partial<Profile> & { email?: string }) {
    return this.#ctx.trusted(async (db) => {
      const user = await this.#read(db)
      const changes = differing(user, given)
      await lockUser(db, user)
      if (changesIdentity(changes)) await demandMayChangeIdentity(db, this.#ctx, user.id, 'user.update')
      const companies = [this.#ctx.company_id, ...(await companiesOf(db, user.id))]
      const scope = { visible: visibleTo(this.#ctx), companies }
      const changed = await changeUser(db, user, changes, scope)
      await recordUserChange(this.#ctx, db, 'update', changed, { before: user, changes })
      return ownUser(db, changed, this.#ctx.company_id)
    })
  }

  async #read(db: Db): Promise<CurrentUser> {
    const [user] = await db
      .select(getColumns(userProfiles))
      .from(users)
      .where(eq(users.id, demandUser(this.#ctx)))
    if (!user) throw new AppError('not_authenticated')
    return user
  }
}

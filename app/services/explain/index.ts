import { AppError } from '../../core/errors.ts'
import { allows, canonical } from '../../core/permissions.ts'
import { type Context, demandCompany, demandUser } from '../context.ts'
import { loadWorld } from './load.ts'
import { smallestGrant } from './smallest-grant.ts'
import type { Step } from './steps.ts'
import { type Reason, type Via, reasonsOf, viaOf } from './why.ts'
import { isAllowed } from './world.ts'

export interface Explanation {
  allowed: boolean
  user_id: number
  permission: string
  company_id: number
  via: Via[]
  reasons: Reason[]
  smallest_grant: Step[] | null
}

/** Why somebody may do something in the company of the request, or what would have to change. */
export class ExplainService {
  readonly #ctx: Context

  constructor(ctx: Context) {
    this.#ctx = ctx
  }

  /**
   * @param question `user_id` defaults to the caller, who needs no permission to ask about themselves
   * @throws AppError `no_company`, `permission_denied`, `not_found`, `validation_error` for a permission that is none
   */
  async explain(question: { user_id?: number; permission: string }): Promise<Explanation> {
    const { db, everywhere } = this.#ctx
    const company_id = demandCompany(this.#ctx)
    const user_id = question.user_id ?? demandUser(this.#ctx)
    this.#demandMayAsk(user_id)
    const world = await loadWorld(db, { user_id, company_id }, { everywhere })
    if (!world) throw new AppError('not_found', 'User not found')
    const permission = canonical(question.permission)
    if (!world.permissions.has(permission))
      throw new AppError('validation_error', [
        { loc: ['query', 'permission'], msg: `no permission "${question.permission}"`, type: 'unknown_permission' },
      ])
    return {
      allowed: isAllowed(world, permission),
      user_id,
      permission,
      company_id,
      via: viaOf(world, permission),
      reasons: reasonsOf(world, permission),
      smallest_grant: smallestGrant(world, permission),
    }
  }

  #demandMayAsk(user_id: number): void {
    const { user, permissions } = this.#ctx
    if (user?.id === user_id || allows(permissions, 'permission.read')) return
    throw new AppError('permission_denied', 'Missing permission: permission.read')
  }
}

import { AppError } from '../core/errors.ts'
import { allows } from '../core/permissions.ts'
import type { Context } from './context.ts'

/**
 * The subset rule: whoever grants permissions, by a role, a group or an assignment, holds them there. Superusers may grant
 * all; their API keys may not.
 * @throws AppError `permission_denied`, which names what is missing
 */
export function demandGrantable(ctx: Context, names: Iterable<string>): void {
  if (ctx.user?.is_superuser && ctx.session_id !== null) return
  const missing = [...new Set(names)].filter((name) => !allows(ctx.permissions, name)).toSorted()
  if (missing.length > 0)
    throw new AppError('permission_denied', `You cannot grant more than you have: missing ${missing.join(', ')}`)
}

import { AppError } from '../core/errors.ts'
import { allows } from '../core/permissions.ts'
import type { Context } from './context.ts'

/**
 * Nobody grants what they do not hold themselves in the company they work in. Superusers may grant everything; so may
 * trusted work that no user asked for. `resource.manage` is held by who holds it, not by who holds all it implies today.
 * @throws AppError `permission_denied`, which names what is missing
 */
export function demandGrantable(ctx: Context, names: Iterable<string>): void {
  if (ctx.user === null || ctx.everywhere) return
  const missing = [...new Set(names)].filter((name) => !allows(ctx.permissions, name))
  if (missing.length === 0) return
  const list = missing.toSorted().join(', ')
  throw new AppError('permission_denied', `You cannot grant more than you have: missing ${list}`)
}

import { AppError } from '../core/errors.ts'
import { allows } from '../core/permissions.ts'
import type { Context } from './context.ts'

/**
 * The subset rule: nobody grants, by a role, a group or an assignment, what they do not hold themselves in the company they
 * work in. Superusers may grant everything, as they count for the context. `resource.manage` is held by who holds it, not by
 * who holds all it implies today.
 * @throws AppError `permission_denied`, which names what is missing
 */
export function demandGrantable({ is_superuser, permissions }: Context, names: Iterable<string>): void {
  if (is_superuser) return
  const missing = [...new Set(names)].filter((name) => !allows(permissions, name)).toSorted()
  if (missing.length > 0)
    throw new AppError('permission_denied', `You cannot grant more than you have: missing ${missing.join(', ')}`)
}

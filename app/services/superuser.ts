import { AppError } from '../core/errors.ts'
import type { Context } from './context.ts'

/**
 * What only superusers may do, and trusted work that no user asked for. A superuser's API key is no superuser, so this asks
 * what the request's guard found (`everywhere`), not what the user is.
 * @throws AppError `permission_denied` with the sentence
 */
export function demandSuperuser(ctx: Context, sentence: string): void {
  if (ctx.user !== null && !ctx.everywhere) throw new AppError('permission_denied', sentence)
}

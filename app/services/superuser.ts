import { AppError } from '../core/errors.ts'
import type { Context } from './context.ts'

/** What only superusers may do, as they count for the context. @throws AppError `permission_denied` with the sentence */
export function demandSuperuser({ is_superuser }: Context, sentence: string): void {
  if (!is_superuser) throw new AppError('permission_denied', sentence)
}

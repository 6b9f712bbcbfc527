import { and, not } from 'drizzle-orm'
import { users } from '../../models/index.ts'

/** Of a row of `users`: neither switched off nor deleted. Nobody else logs in, or is sent or granted anything. */
export const isLiveUser = and(users.is_active, not(users.is_deleted))
